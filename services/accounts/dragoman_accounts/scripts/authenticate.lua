-- Whose credential is this? A single-use token is consumed only when a session id is given.
local why = standing(args.key, false)
local claims, expires = '', num(redis.call('HGET', key_name(args.key), 'expires'))
if not why and args.token ~= '' then
  why = token_fault(args.token, args.key, args.session, false, args.dialect)
  local t = redis.call('HMGET', account .. ':token:' .. args.token, 'claims', 'expires')
  claims, expires = t[1] or '', num(t[2])
end
if why then
  return {why}
end
local wait, left, full = gcra(account .. ':rate', args.interval_us, args.burst, true)
if wait > 0 then
  return {'rate_limited', wait}
end
if args.token ~= '' and args.session ~= '' then
  consume(args.token, args.session)
end
redis.call('HSET', key_name(args.key), 'used', int(now))
return {'ok', claims, expires, available(), left, full}
