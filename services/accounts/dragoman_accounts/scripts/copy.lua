-- Keys of the account at one moment: {name, type, ms to live (-1 = for ever), value} each. Of a stream the id of its last entry:
-- entries are only ever added, and are read page by page up to it.
local copies = {}
for _, name in ipairs(args.names) do
  local kind = redis.call('TYPE', name).ok
  local value = {}
  if kind == 'hash' then
    value = redis.call('HGETALL', name)
  elseif kind == 'zset' then
    value = redis.call('ZRANGE', name, 0, -1, 'WITHSCORES')
  elseif kind == 'string' then
    value = {redis.call('GET', name)}
  elseif kind == 'stream' then
    local last = redis.call('XREVRANGE', name, '+', '-', 'COUNT', 1)
    value = {last[1] and last[1][1] or ''}
  end
  copies[#copies + 1] = {name, kind, redis.call('PTTL', name), value}
end
return copies
