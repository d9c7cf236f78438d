-- Write a batch's states, its watermark and the rules in force behind it together, or say why not.
-- KEYS: meta, accounts. ARGV: epoch, watermark last seen ('': none), first offset of the batch,
--       new watermark, clock sequence, rules, msgpack [[account, state], ...]
-- An empty batch (new watermark = the one last seen) records the rules alone.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
if meta[1] ~= ARGV[1] then return 'another worker owns it' end
if (meta[2] or '') ~= ARGV[2] then return 'the watermark moved' end
if meta[2] and tonumber(ARGV[3]) ~= tonumber(meta[2]) + 1 then
  return 'offsets ' .. meta[2] .. ' to ' .. ARGV[3] .. ' are missing'
end
for _, pair in ipairs(cmsgpack.unpack(ARGV[7])) do redis.call('HSET', KEYS[2], pair[1], pair[2]) end
redis.call('HSET', KEYS[1], 'offset', ARGV[4], 'clock', ARGV[5], 'rules', ARGV[6])
return 'OK'
