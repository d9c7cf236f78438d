-- Begin a new epoch, which stops the former owner, and return the meta fields; touch nothing when
-- a newer layout than ours wrote the states.
-- KEYS: meta. ARGV: layout
local layout = redis.call('HGET', KEYS[1], 'layout')
if layout and tonumber(layout) > tonumber(ARGV[1]) then return layout end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return redis.call('HGETALL', KEYS[1])
