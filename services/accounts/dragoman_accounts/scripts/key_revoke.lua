-- Revoke a key. Answers with its live sessions, also when it was revoked before: the caller may have died in between.
local name = key_name(args.id)
if redis.call('EXISTS', name) == 0 then
  return {'unknown_key'}
end
if num(redis.call('HGET', name, 'revoked')) == 0 then
  redis.call('HSET', name, 'revoked', int(now))
end
local answer = {'ok'}
for _, slots in ipairs({':leases:', ':imports:'}) do
  for _, id in ipairs(redis.call('ZRANGE', account .. slots .. args.id, 0, -1)) do
    answer[#answer + 1] = id
  end
end
return answer
