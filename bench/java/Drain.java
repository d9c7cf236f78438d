import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams on a workload: one thread, a persistent store with cache and changelog. */
public final class Drain {
  static final ObjectMapper JSON = new ObjectMapper();
  static final int CLOCK_EACH = 256;

  /** What a key's state and a record make together. State and alert are bytes. */
  interface Fold {
    byte[] key(byte[] value) throws Exception;

    /** Returns the new state and puts the alert, if any, into {@code alert[0]}. */
    byte[] step(byte[] state, byte[] value, byte[][] alert) throws Exception;
  }

  private final JsonNode task;
  private final Fold fold;
  private final Map<Integer, Long> positions = new TreeMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private long began, records, counted;
  private double seconds;

  Drain(JsonNode task, Fold fold) {
    this.task = task;
    this.fold = fold;
  }

  public static void main(String[] arguments) throws Exception {
    JsonNode task = JSON.readTree(new File(arguments[0]));
    Fold fold = task.get("work").asText().equals("w1") ? new Sums() : new Fraud(arguments[1]);
    new Drain(task, fold).run();
  }

  private void run() throws Exception {
    Properties told = new Properties();
    told.put("application.id", task.get("group").asText());
    told.put("bootstrap.servers", task.get("brokers").asText());
    told.put("auto.offset.reset", "earliest");
    told.put("num.stream.threads", "1");
    told.put("state.dir", task.get("folder").asText() + "/streams");
    told.put("max.poll.records", "4000");
    told.put("consumer.fetch.max.bytes", String.valueOf(50 << 20));
    told.put("consumer.max.partition.fetch.bytes", String.valueOf(4 << 20));
    told.put("producer.linger.ms", "20");
    told.put("producer.batch.size", String.valueOf(256 << 10));
    told.put("statestore.cache.max.bytes", String.valueOf(64 << 20));
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("states"), Serdes.ByteArray(), Serdes.ByteArray())
            .withCachingEnabled());
    builder.stream(task.get("topic").asText(), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .process(Folding::new, "states")
        .to(task.get("out").asText(), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
    KafkaStreams streams = new KafkaStreams(builder.build(), told);
    streams.start();
    over.await();
    streams.close();
    claim();
  }

  private final class Folding implements Processor<byte[], byte[], byte[], byte[]> {
    private KeyValueStore<byte[], byte[]> states;
    private ProcessorContext<byte[], byte[]> context;
    private final byte[][] alert = new byte[1][];

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
      states = given.getStateStore("states");
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (began == 0) began = System.nanoTime();
      try {
        byte[] key = fold.key(record.value());
        alert[0] = null;
        states.put(key, fold.step(states.get(key), record.value(), alert));
        if (alert[0] != null) context.forward(record.withValue(alert[0]));
      } catch (Exception error) {
        throw new RuntimeException(error);
      }
      var from = context.recordMetadata().get();
      positions.put(from.partition(), from.offset() + 1);
      records++;
      if (counted == 0 && (records % CLOCK_EACH == 0 || records >= task.get("total").asLong())) look();
    }
  }

  private void look() {
    double passed = (System.nanoTime() - began) / 1e9;
    if (passed < task.get("seconds").asDouble() && records < task.get("total").asLong()) return;
    seconds = passed;
    counted = records;
    over.countDown();
  }

  private void claim() throws Exception {
    ObjectNode said = JSON.createObjectNode();
    said.put("records", counted).put("seconds", seconds);
    ObjectNode at = said.putObject("positions");
    positions.forEach((partition, offset) -> at.put(String.valueOf(partition), offset));
    Path draft = Path.of(task.get("folder").asText(), "claim.new");
    Files.write(draft, JSON.writeValueAsBytes(said));
    Files.move(draft, draft.resolveSibling("claim.json"), StandardCopyOption.REPLACE_EXISTING);
  }
}
