-- Plan the next visit to an account, unless an open session moved it meanwhile.
local score = redis.call('ZSCORE', KEYS[1], args.member)
if not score or tonumber(score) ~= tonumber(args.seen) then
  return 0
end
if args.next == 0 then
  return redis.call('ZREM', KEYS[1], args.member)
end
redis.call('ZADD', KEYS[1], int(args.next), args.member)
return 1
