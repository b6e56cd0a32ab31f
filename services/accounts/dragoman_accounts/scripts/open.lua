-- Open a session: standing, token, rate, slot and hold, all or nothing. The same id again takes no other slot;
-- it brings the hold in line with what the session wants now.
local id = args.session
local s = hash(session_name(id))
local live = s.state == 'live' and s.key == args.key
local why = standing(args.key, live or args.admitted)
if not why and args.token ~= '' then
  why = token_fault(args.token, args.key, args.consumer, live or args.admitted, args.fields.dialect)
end
if not why and s.state and s.key ~= args.key then
  why = 'forbidden'
end
if not why and s.state == 'settled' then
  why = 'session_ended'
end
if why then
  return {why}
end

if live then
  local wanted = args.fields
  local other = s.window ~= wanted.window or s.margin ~= wanted.margin or s.languages ~= wanted.languages
  if other and available() + num(s.hold) - cost(s) < num(wanted.margin) then
    return {'insufficient_credits'}
  end
  if not lease(id, s) then
    return {'concurrency_exceeded'}
  end
  redis.call('HSET', session_name(id), 'edge', args.edge)
  if other then
    for _, field in ipairs({'window', 'margin', 'languages'}) do
      s[field] = wanted[field]
      redis.call('HSET', session_name(id), field, s[field])
    end
    extend(id, s)
  end
  return {'ok', available(), num(s.seq), num(s.recognised), num(s.translated), num(s.synthesised)}
end

-- The caller chose limits and prices by a tier it read a moment ago.
local tier = redis.call('HGET', key_name(args.key), 'tier') or ''
if tier == '' then
  tier = redis.call('HGET', account, 'tier') or ''
end
if tier ~= args.fields.tier then
  return {'changed'}
end

-- A credential that was checked when the client connected was counted then.
if not args.admitted then
  local wait = gcra(account .. ':rate', args.interval_us, args.burst, true)
  if wait > 0 then
    return {'rate_limited', wait}
  end
end
s = args.fields
if available() < num(s.prepaid == '1' and s.window or s.margin) then
  return {'insufficient_credits'}
end
if not lease(id, s) then
  return {'concurrency_exceeded'}
end
s.hold = '0'
for field, value in pairs(s) do
  redis.call('HSET', session_name(id), field, value)
end
redis.call('HSET', session_name(id), 'state', 'live', 'opened', int(now), 'edge', args.edge)
extend(id, s)
if args.token ~= '' then
  consume(args.token, args.consumer)
end
redis.call('HSET', key_name(args.key), 'used', int(now))
return {'ok', available(), 0, 0, 0, 0}
