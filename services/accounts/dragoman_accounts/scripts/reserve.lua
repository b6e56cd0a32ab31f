-- Hold the price of what a session has ahead beside its speech. Answers {code, available}.
local id = args.session
local s = hash(session_name(id))
if not s.state then
  return {'unknown_session', 0}
end
if s.state == 'settled' or (args.edge ~= '' and args.edge ~= s.edge) then
  return {'session_ended', available()}
end
merge(id, s, args.usage)
local code = standing(s.key, true) or s.ordered or 'ok'
if code == 'ok' and not reserve(id, s, args.ahead) then
  code = 'insufficient_credits'
end
return {code, available()}
