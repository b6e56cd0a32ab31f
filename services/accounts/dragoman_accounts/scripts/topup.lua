-- Add credits, once per id. Answers {code, available, entry id}.
if redis.call('EXISTS', account) == 0 then
  return {'unknown_account', 0, ''}
end
local memo = account .. ':topup:' .. args.id
local before = redis.call('HMGET', memo, 'micro', 'entry', 'available')
if before[1] then
  local same = before[1] == int(args.micro)
  return {same and 'repeated' or 'conflict', num(before[3]), before[2]}
end
local total = available() + num(redis.call('HGET', account, 'held')) + args.micro
if args.micro <= 0 or total > 9007199254740991 then
  return {'overflow', available(), ''}
end
add('available', args.micro)
add('topped', args.micro)
local entry = redis.call('XADD', account .. ':ledger', '*', 'kind', 'topup', 'micro', int(args.micro), 'id', args.id,
  'note', args.note)
redis.call('HSET', memo, 'micro', int(args.micro), 'entry', entry, 'available', int(available()))
redis.call('PEXPIRE', memo, int(args.memory))
return {'ok', available(), entry}
