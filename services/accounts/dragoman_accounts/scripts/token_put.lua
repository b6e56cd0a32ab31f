-- Store a token bound to a key. It outlives its expiry by `memory`, so that "expired" and "used" can be told apart.
local why = standing(args.key, false)
if why then
  return {why}
end
local wait, left, full = gcra(account .. ':rate', args.interval_us, args.burst, true)
if wait > 0 then
  return {'rate_limited', wait}
end
local name = account .. ':token:' .. args.digest
-- A token that is made again stays as it was, unless its key may issue none any more.
local before = hash(name)
if before.key and not standing(before.key, false) then
  return {'ok', num(before.expires), available(), before.key, left, full}
end
local expires = now + args.ttl
-- A token never outlives its key.
local key_expires = num(redis.call('HGET', key_name(args.key), 'expires'))
if key_expires > 0 then
  expires = math.min(expires, key_expires)
end
redis.call('HSET', name, 'key', args.key, 'expires', int(expires), 'single_use', args.single_use and '1' or '0',
  'claims', args.claims, 'audience', args.audience)
redis.call('PEXPIRE', name, int(args.ttl + args.memory))
redis.call('HSET', key_name(args.key), 'used', int(now))
return {'ok', expires, available(), args.key, left, full}
