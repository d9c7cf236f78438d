-- Write a batch's states and how far the partition is together, or say why not.
-- KEYS: meta, accounts. ARGV: epoch, watermark last seen ('': none), first offset of the batch,
--       new watermark, clock sequence, rules, burials, layout, msgpack [account, state, ...]
-- An empty batch (new watermark = the one last seen) records the rules alone.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
if meta[1] ~= ARGV[1] then return 'another worker owns it' end
if (meta[2] or '') ~= ARGV[2] then return 'the watermark moved' end
if meta[2] and tonumber(ARGV[3]) ~= tonumber(meta[2]) + 1 then
  return 'the batch begins at ' .. ARGV[3] .. ', the watermark is ' .. meta[2]
end
local states = cmsgpack.unpack(ARGV[9])
for i = 1, #states, 1000 do
  redis.call('HSET', KEYS[2], unpack(states, i, math.min(i + 999, #states)))
end
redis.call('HSET', KEYS[1], 'offset', ARGV[4], 'clock', ARGV[5], 'rules', ARGV[6],
  'burials', ARGV[7], 'layout', ARGV[8])
return 'OK'
