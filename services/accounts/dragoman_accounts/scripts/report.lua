-- Take a usage report; with it keep the lease (`renew`) or settle the session (`close`).
-- Answers {code, available, charged}; any code but "ok" means that the session must end.
local id = args.session
local s = hash(session_name(id))
if not s.state then
  return {'unknown_session', 0, 0}
end
if s.state == 'settled' then
  adjust(id, s, args.usage)
  return {args.close and 'ok' or 'session_ended', available(), num(s.charged)}
end

merge(id, s, args.usage)
-- An edge that lost the session to another one may still report, but neither keep nor end it.
local moved = args.edge ~= '' and args.edge ~= s.edge
if args.close and not moved then
  settle(id, s, args.reason, now)
  return {'ok', available(), num(s.charged)}
end

local code = extend(id, s) and 'ok' or 'insufficient_credits'
if moved then
  code = args.close and 'ok' or 'session_ended'
elseif args.renew and code == 'ok' then
  code = s.ordered or standing(s.key, true) or code
  if code == 'ok' and num(s.max_ms) > 0 and now - num(s.opened) > num(s.max_ms) then
    code = 'too_long'
  end
  if code == 'ok' and not lease(id, s) then
    code = 'concurrency_exceeded'
  end
end
return {code, available(), cost(s)}
