-- Settle the sessions whose edge is gone, at their last report. Answers {when to come again or 0, settled ids ...}.
local due = account .. ':due'
local answer = {0}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', int(now), 'LIMIT', 0, args.limit)) do
  local s = hash(session_name(id))
  if s.state == 'live' then
    settle(id, s, 'expired', num(s.seen))
    answer[#answer + 1] = id
  else
    redis.call('ZREM', due, id)
  end
end
local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
answer[1] = num(first[2])
return answer
