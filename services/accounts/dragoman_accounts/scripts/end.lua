-- Order a live session to end: its next renewal is refused, should the message to its edge be lost.
local name = session_name(args.session)
if redis.call('HGET', name, 'state') ~= 'live' then
  return {'unknown_session'}
end
redis.call('HSET', name, 'ordered', args.code)
return {'ok'}
