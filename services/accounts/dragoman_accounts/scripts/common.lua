-- Every key of an account begins with KEYS[1] and so carries its hash tag: names built from it stay in its slot.
-- Numbers are integers (milliseconds, micro-credits) below 2^53, which Lua's doubles hold exactly.
local account = KEYS[1]
local args = cjson.decode(ARGV[1])
local now_us = clock_us()
local now = math.floor(now_us / 1000)
local KINDS = {'recognised', 'translated', 'synthesised'}
local FIGURES = {'seq', 'recognised', 'translated', 'synthesised'}

local function int(n)
  return string.format('%.0f', n)
end

local function num(value)
  return tonumber(value or 0) or 0
end

local function hash(name)
  local flat, map = redis.call('HGETALL', name), {}
  for i = 1, #flat, 2 do
    map[flat[i]] = flat[i + 1]
  end
  return map
end

local function session_name(id)
  return account .. ':session:' .. id
end

local function key_name(id)
  return account .. ':key:' .. id
end

local function available()
  return num(redis.call('HGET', account, 'available'))
end

local function add(field, amount)
  if amount ~= 0 then
    redis.call('HINCRBY', account, field, int(amount))
  end
end

-- Generic cell rate: `interval_us` per permitted request, `burst` of them at once.
-- Returns the time to wait in ms, 0 when the request is permitted and counted; of a counted one also how many
-- more are permitted at once, and the time in ms until all of `burst` are.
local function gcra(name, interval_us, burst, count)
  local tat = math.max(num(redis.call('GET', name)), now_us)
  local early = tat - interval_us * (burst - 1) - now_us
  if early > 0 then
    return math.ceil(early / 1000)
  end
  if count then
    local after = tat + interval_us
    local full = math.ceil((after - now_us) / 1000)
    redis.call('SET', name, int(after), 'PX', int(full))
    return 0, math.floor(burst - (after - now_us) / interval_us), full
  end
  return 0
end

-- Why this account and key may do nothing now; nil when they may.
local function standing(key_id, forgive_expiry)
  local state = redis.call('HGET', account, 'status')
  if not state then
    return 'invalid_credential'
  end
  local key = redis.call('HMGET', key_name(key_id), 'id', 'revoked', 'expires')
  if not key[1] then
    return 'invalid_credential'
  end
  if num(key[2]) > 0 then
    return 'revoked_credential'
  end
  if num(key[3]) > 0 and num(key[3]) <= now and not forgive_expiry then
    return 'expired_credential'
  end
  if state ~= 'active' then
    return 'account_inactive'
  end
  return nil
end

-- Why a token may not be used by this session; nil when it may.
local function token_fault(digest, key_id, session_id, forgive_expiry, dialect)
  local t = hash(account .. ':token:' .. digest)
  if t.key ~= key_id then
    return 'invalid_credential'
  end
  -- A token is for the API that made it.
  if (t.audience or '') ~= '' and t.audience ~= dialect then
    return 'invalid_credential'
  end
  local used_by = t.used_by or ''
  if used_by ~= '' and used_by ~= session_id then
    return 'used_credential'
  end
  -- A session that consumed its ticket in time may come back with it.
  if num(t.expires) <= now and used_by == '' and not forgive_expiry then
    return 'expired_credential'
  end
  return nil
end

local function consume(digest, session_id)
  local name = account .. ':token:' .. digest
  if redis.call('HGET', name, 'single_use') == '1' then
    redis.call('HSET', name, 'used_by', session_id)
  end
end

-- What a session's figures cost: rounded up once, over the sum.
local function cost(s)
  local whole, rest = 0, 0
  for _, kind in ipairs(KINDS) do
    local ms, price = num(s[kind]), num(s['price_' .. kind])
    whole = whole + math.floor(ms / 1000) * price
    rest = rest + (ms % 1000) * price
  end
  return whole + math.ceil(rest / 1000)
end

-- Cumulative figures only grow, so a repeated or reordered report changes nothing.
local function merge(id, s, usage)
  for _, figure in ipairs(FIGURES) do
    local value = num(usage[figure])
    if value > num(s[figure]) then
      s[figure] = int(value)
      redis.call('HSET', session_name(id), figure, s[figure])
    end
  end
end

-- Keep the hold ahead of the cost. Returns whether enough is held to go on.
local function extend(id, s)
  local spent, hold = cost(s), num(s.hold)
  local wanted = s.prepaid == '1' and num(s.window) or spent + num(s.window)
  local more = math.max(0, math.min(wanted - hold, available()))
  if more > 0 then
    add('available', -more)
    add('held', more)
    s.hold = int(hold + more)
    redis.call('HSET', session_name(id), 'hold', s.hold)
  end
  return hold + more - spent >= num(s.margin)
end

-- Hold what the session has ahead as well, all of it or nothing. Returns whether it is held.
local function reserve(id, s, ahead)
  local then_spent = {}
  for field, value in pairs(s) do
    then_spent[field] = value
  end
  for _, kind in ipairs(KINDS) do
    then_spent[kind] = num(s[kind]) + num(ahead[kind])
  end
  local hold = num(s.hold)
  local more = math.max(0, cost(then_spent) + num(s.margin) - hold)
  if more > available() then
    return false
  end
  if more > 0 then
    add('available', -more)
    add('held', more)
    s.hold = int(hold + more)
    redis.call('HSET', session_name(id), 'hold', s.hold)
  end
  return true
end

-- Live sessions and imports have slots of their own.
local function slots(s)
  local all = account .. ':' .. (s.slots or 'leases')
  return all, all .. ':' .. s.key
end

-- Take or keep the session's slot. Returns false when the slot lapsed and others have filled the limit.
local function lease(id, s)
  local all, own = slots(s)
  redis.call('ZREMRANGEBYSCORE', all, '-inf', int(now))
  redis.call('ZREMRANGEBYSCORE', own, '-inf', int(now))
  if not redis.call('ZSCORE', all, id) then
    if redis.call('ZCARD', all) >= num(s.max_account) or redis.call('ZCARD', own) >= num(s.max_key) then
      return false
    end
  end
  local expiry = now + num(s.ttl)
  redis.call('ZADD', all, int(expiry), id)
  redis.call('ZADD', own, int(expiry), id)
  redis.call('ZADD', account .. ':due', int(expiry + num(s.grace)), id)
  redis.call('HSET', session_name(id), 'seen', int(now))
  return true
end

local function write_line(id, s, kind, figures, charged, uncollected, ended, reason)
  redis.call('XADD', account .. ':ledger', '*',
    'kind', kind, 'session', id, 'key', s.key, 'dialect', s.dialect, 'languages', s.languages,
    'reference', s.reference, 'tier', s.tier,
    'recognised', int(figures.recognised), 'translated', int(figures.translated),
    'synthesised', int(figures.synthesised), 'micro', int(charged), 'uncollected', int(uncollected),
    'start', s.opened, 'end', int(ended), 'reason', reason)
end

-- Resolve the hold, once: charge what was used, give back the rest, write the line.
local function settle(id, s, reason, ended)
  local spent, hold = cost(s), num(s.hold)
  local charged = math.min(spent, hold + available())
  add('available', hold - charged)
  add('held', -hold)
  add('charged', charged)
  local name = session_name(id)
  redis.call('HSET', name, 'state', 'settled', 'hold', '0', 'charged', int(charged),
    'uncollected', int(spent - charged), 'ended', int(ended), 'reason', reason)
  local all, own = slots(s)
  redis.call('ZREM', all, id)
  redis.call('ZREM', own, id)
  redis.call('ZREM', account .. ':due', id)
  redis.call('PEXPIRE', name, s.memory)
  local figures = {recognised = num(s.recognised), translated = num(s.translated), synthesised = num(s.synthesised)}
  write_line(id, s, 'session', figures, charged, spent - charged, ended, reason)
  s.charged = int(charged)
end

-- A report that arrives after the settlement is billed by a line of its own.
local function adjust(id, s, usage)
  local before = {}
  for _, kind in ipairs(KINDS) do
    before[kind] = num(s[kind])
  end
  merge(id, s, usage)
  local accounted = num(s.charged) + num(s.uncollected)
  local extra = cost(s) - accounted
  local grown = {}
  local any = false
  for _, kind in ipairs(KINDS) do
    grown[kind] = num(s[kind]) - before[kind]
    any = any or grown[kind] > 0
  end
  if not any then
    return
  end
  local taken = math.min(extra, available())
  add('available', -taken)
  add('charged', taken)
  s.charged = int(num(s.charged) + taken)
  redis.call('HSET', session_name(id), 'charged', s.charged,
    'uncollected', int(num(s.uncollected) + extra - taken))
  write_line(id, s, 'adjustment', grown, taken, extra - taken, num(s.ended), 'late report')
end
