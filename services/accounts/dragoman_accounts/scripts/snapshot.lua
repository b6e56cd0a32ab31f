-- The account's money at one moment: {status, available, held, charged, topped, last ledger id, sum of holds, n}.
local a = hash(account)
if not a.status then
  return {''}
end
local last = redis.call('XREVRANGE', account .. ':ledger', '+', '-', 'COUNT', 1)
local holds, count = 0, 0
for _, id in ipairs(redis.call('ZRANGE', account .. ':due', 0, -1)) do
  holds = holds + num(redis.call('HGET', session_name(id), 'hold'))
  count = count + 1
end
return {a.status, num(a.available), num(a.held), num(a.charged), num(a.topped), last[1] and last[1][1] or '', holds,
  count}
