-- Create a key (again with the same id: change nothing).
if redis.call('EXISTS', account) == 0 then
  return {'unknown_account'}
end
local name = key_name(args.id)
if redis.call('EXISTS', name) == 0 then
  redis.call('HSET', name, 'id', args.id, 'created', int(now), 'revoked', '0')
  for field, value in pairs(args.fields) do
    redis.call('HSET', name, field, value)
  end
  redis.call('ZADD', account .. ':keys', 0, args.id)
end
return {'ok', now}
