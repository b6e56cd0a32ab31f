-- Create the account, or change the fields that are given. Answers {created, live session ids ...}.
local exists = redis.call('EXISTS', account) == 1
if args.must_exist and not exists then
  return {'unknown_account'}
end
if not exists then
  redis.call('HSET', account, 'available', '0', 'held', '0', 'charged', '0', 'topped', '0',
    'created', int(now), 'status', 'active')
elseif args.must_be_new then
  return {'exists'}
end
for field, value in pairs(args.fields) do
  redis.call('HSET', account, field, value)
end
local answer = {exists and 'changed' or 'created'}
if args.fields.status and args.fields.status ~= 'active' then
  for _, slots in ipairs({':leases', ':imports'}) do
    for _, id in ipairs(redis.call('ZRANGE', account .. slots, 0, -1)) do
      answer[#answer + 1] = id
    end
  end
end
return answer
