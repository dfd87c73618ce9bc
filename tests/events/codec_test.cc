// Frames: what goes in comes out; what was damaged never does.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/crc.hpp>

#include "tests/events/samples.h"

namespace pasig {
namespace {

constexpr std::size_t k_header_bytes = 16;

Record read_back(const Record& record) {
  const Result<std::string> frame = encode(record);
  EXPECT_TRUE(frame.has_value()) << frame.error().text();
  const Result<Record> decoded = decode(*frame);
  EXPECT_TRUE(decoded.has_value()) << decoded.error().text();
  return decoded.value_or(Record{});
}

Record small_record() {
  const ShareId share{{1, 2}};
  return samples::record_of({ShareDeleted{share}, ReplicaRemoved{share, {{3, 4}}}});
}

// Gives a frame whose bytes were changed the checksum and the length that fit them.
void seal(std::string& frame) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) frame[at + i] = static_cast<char>(value >> (8 * i));
  };
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(frame.data() + k_header_bytes, frame.size() - k_header_bytes);
  put(8, static_cast<std::uint32_t>(frame.size() - k_header_bytes));
  put(12, crc.checksum());
}

std::string sealed_payload(const std::string& payload) {
  std::string frame = encode(small_record())->substr(0, k_header_bytes) + payload;
  seal(frame);
  return frame;
}

TEST(Record, ComesBackWithEveryFieldSet) {
  for (const Event& event : samples::every_event()) {
    const Record record = samples::record_of({event});
    EXPECT_EQ(read_back(record), record) << name_of(event);
  }
}

TEST(Record, ComesBackWithDefaults) {
  for (const Event& event : samples::every_default_event()) {
    Record record = samples::record_of({event});
    EXPECT_EQ(read_back(record), record) << name_of(event);
  }
}

TEST(Record, ComesBackWithZeroWhereTheDefaultIsAnother) {
  Record record;
  record.command_id = "c";
  record.events = {LogCreated{.incarnation = 0, .format = 0}};
  EXPECT_EQ(read_back(record), record);
}

TEST(Record, ComesBackWithoutEvents) {
  Record record;
  record.kind = RecordKind::barrier;
  record.command_id = "c";
  EXPECT_EQ(read_back(record), record);
}

TEST(Record, KeepsEmptyTextsInsideAList) {
  Record record = samples::record_of({ShareProvisioned{.exports = {"", "a", ""}}});
  EXPECT_EQ(read_back(record), record);
}

TEST(Record, KeepsBytesThatAreNoText) {
  Record record = samples::record_of({ShareDeleted{}});
  record.reason = std::string("\0\xFF\xC0 a", 5);
  EXPECT_EQ(read_back(record), record);
}

TEST(Record, GivesTheSameBytesEachTime) {
  EXPECT_EQ(encode(small_record()).value(), encode(small_record()).value());
}

TEST(Record, OfTheMostEventsComesBack) {
  std::vector<Event> events(k_events_per_record_max, ShareDeleted{});
  EXPECT_EQ(read_back(samples::record_of(events)).events.size(), k_events_per_record_max);
}

TEST(Record, WithVeryManyPartsComesBack) {
  ShareTypeCreated type;
  type.extra_specs.resize(30'000);
  const Record record = samples::record_of({type});
  EXPECT_EQ(read_back(record), record);
}

// ---- refused at encode ------------------------------------------------------------------
TEST(Encode, RefusesTooManyEvents) {
  std::vector<Event> events(k_events_per_record_max + 1, ShareDeleted{});
  EXPECT_EQ(encode(samples::record_of(events)).error().code, ErrorCode::invalid);
}

TEST(Encode, RefusesTooManyBytes) {
  Record record = small_record();
  record.reason.assign(k_record_bytes_max, 'x');
  const Result<std::string> frame = encode(record);
  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error().code, ErrorCode::invalid);
  EXPECT_NE(frame.error().message.find(record.command_id), std::string::npos);
}

TEST(Encode, RefusesAStreamThatIsTouchedButNotExpected) {
  Record record = small_record();
  std::erase_if(record.expectations, [&](const Expectation& one) {
    return one.subject == record.touched.front().stream;
  });
  EXPECT_EQ(encode(record).error().code, ErrorCode::invalid);
}

TEST(Encode, TakesACounterExpectationForNoStream) {
  Record record = small_record();
  for (Expectation& one : record.expectations) one.kind = wire::ExpectationKind::counter_within;
  EXPECT_EQ(encode(record).error().code, ErrorCode::invalid);
}

TEST(Encode, RefusesWrongCountsOfTouchedStreams) {
  Record record = small_record();
  ++record.touched.front().events;
  EXPECT_EQ(encode(record).error().code, ErrorCode::invalid);
}

TEST(Encode, RefusesATouchedStreamThatNoEventIsIn) {
  Record record = small_record();
  record.touched.push_back({"share-of-nobody", 1});
  EXPECT_EQ(encode(record).error().code, ErrorCode::invalid);
}

TEST(Decode, TellsAWordOfALaterBuildFromDamage) {
  Record record = small_record();
  record.actor.kind = ActorKind::local;
  std::string frame = *encode(record);
  record.actor.kind = ActorKind::user;
  const std::string other = *encode(record);
  const auto differs =
      std::mismatch(frame.begin() + k_header_bytes, frame.end(), other.begin() + k_header_bytes);
  *differs.first = static_cast<char>(200);
  seal(frame);
  EXPECT_EQ(decode(frame).error().code, ErrorCode::unsupported);
}

TEST(Encode, RefusesWhatDecodeWouldRefuse) {
  Record nameless = small_record();
  nameless.command_id.clear();
  EXPECT_EQ(encode(nameless).error().code, ErrorCode::invalid);
  Record unknown_word = small_record();
  unknown_word.actor.kind = static_cast<ActorKind>(200);
  EXPECT_EQ(encode(unknown_word).error().code, ErrorCode::invalid);
  const Event reset = ReplicaStatusReset{.to = static_cast<ReplicaStatus>(99)};
  EXPECT_EQ(encode(samples::record_of({reset})).error().code, ErrorCode::invalid);
}

TEST(Encode, LetsARefusalTouchNothing) {
  Record record;
  record.command_id = "c";
  record.events = {CommandRejected{.subject = "share-1", .guard = "share_is_busy"}};
  EXPECT_TRUE(encode(record).has_value());
}

// ---- damage -----------------------------------------------------------------------------
TEST(Decode, RefusesEveryChangedByte) {
  const std::string frame = encode(samples::record_of(samples::every_event())).value();
  for (std::size_t at = 0; at < frame.size(); ++at) {
    std::string damaged = frame;
    damaged[at] = static_cast<char>(~damaged[at]);
    const Result<Record> decoded = decode(damaged);
    ASSERT_FALSE(decoded.has_value()) << "byte " << at;
    const ErrorCode code = decoded.error().code;
    ASSERT_TRUE(code == ErrorCode::corrupt || (at < 4 && code == ErrorCode::not_found) ||
                (at < 6 && code == ErrorCode::unsupported))
        << "byte " << at << ": " << decoded.error().text();
  }
}

TEST(Decode, RefusesEveryFlippedBitOfTheHeader) {
  const std::string frame = encode(small_record()).value();
  for (std::size_t bit = 0; bit < 8 * k_header_bytes; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode(damaged).has_value()) << "bit " << bit;
  }
}

// With a fitting checksum the verifier and the check of meaning are alone.
TEST(Decode, NeverCrashesOnChangedBytesWithAFittingChecksum) {
  const std::string frame = encode(samples::record_of(samples::every_event())).value();
  std::size_t refused = 0;
  for (std::size_t at = k_header_bytes; at < frame.size(); ++at) {
    std::string damaged = frame;
    damaged[at] = static_cast<char>(~damaged[at]);
    seal(damaged);
    if (!decode(damaged).has_value()) ++refused;
  }
  EXPECT_GT(refused, 0U);
}

TEST(Decode, RefusesEveryTruncation) {
  const std::string frame = encode(small_record()).value();
  for (std::size_t length = 0; length < frame.size(); ++length) {
    const Result<Record> decoded = decode(std::string_view(frame).substr(0, length));
    ASSERT_FALSE(decoded.has_value()) << length;
    EXPECT_EQ(decoded.error().code, length < 4 ? ErrorCode::not_found : ErrorCode::corrupt);
  }
}

TEST(Decode, RefusesTruncationWithAFittingChecksum) {
  const std::string payload = encode(small_record())->substr(k_header_bytes);
  for (std::size_t length = 0; length < payload.size(); ++length) {
    const Result<Record> decoded = decode(sealed_payload(payload.substr(0, length)));
    if (decoded.has_value()) EXPECT_EQ(*decoded, small_record()) << length;
    else EXPECT_EQ(decoded.error().code, ErrorCode::corrupt) << length;
  }
}

TEST(Decode, RefusesBytesAfterTheRecord) {
  EXPECT_EQ(decode(encode(small_record()).value() + "x").error().code, ErrorCode::corrupt);
}

TEST(Decode, CallsForeignBytesForeign) {
  for (const std::string bytes : {"", "P", "{\"a\":1}", "PSG2 of somebody else, long enough"})
    EXPECT_EQ(decode(bytes).error().code, ErrorCode::not_found) << bytes;
}

TEST(Decode, RefusesANewerFormatWithItsCure) {
  std::string frame = encode(small_record()).value();
  frame[4] = 2;
  const Result<Record> decoded = decode(frame);
  EXPECT_EQ(decoded.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(decoded.error().hint.empty());
}

TEST(Decode, RefusesAnEventOfANewerBuild) {
  flatbuffers::FlatBufferBuilder builder;
  const auto body = wire::CreateShareDeleted(builder);
  wire::EventEntryBuilder entry(builder);
  entry.add_body_type(static_cast<wire::Event>(250));
  entry.add_body(body.Union());
  const auto events = builder.CreateVector(std::vector{entry.Finish()});
  const auto id = builder.CreateString("c");
  wire::RecordBuilder record(builder);
  record.add_command_id(id);
  record.add_events(events);
  wire::FinishRecordBuffer(builder, record.Finish());
  const auto* bytes = reinterpret_cast<const char*>(builder.GetBufferPointer());
  EXPECT_EQ(decode(sealed_payload({bytes, builder.GetSize()})).error().code,
            ErrorCode::unsupported);
}

TEST(Decode, RefusesADigestOfAnotherLength) {
  flatbuffers::FlatBufferBuilder builder;
  const auto digest = builder.CreateVector(std::vector<std::uint8_t>(31));
  const auto id = builder.CreateString("c");
  wire::RecordBuilder record(builder);
  record.add_command_id(id);
  record.add_decided_digest(digest);
  wire::FinishRecordBuffer(builder, record.Finish());
  const auto* bytes = reinterpret_cast<const char*>(builder.GetBufferPointer());
  EXPECT_EQ(decode(sealed_payload({bytes, builder.GetSize()})).error().code, ErrorCode::corrupt);
}

// ---- streams ----------------------------------------------------------------------------
TEST(StreamsOf, NameTheShareAndTheOperation) {
  const ShareId share{{1, 2}};
  const OperationId operation{{3, 4}};
  EXPECT_EQ(streams_of(OperationCompleted{operation, share}),
            (std::vector{stream_of(share), stream_of(operation)}));
  EXPECT_EQ(streams_of(OperationLeaseRenewed{.operation = operation}),
            std::vector{stream_of(operation)});
}

TEST(StreamsOf, AContradictedReportIsTheSharesAlone) {
  const ReportContradictedState event{.share = {{1, 2}}, .operation = {{3, 4}}};
  EXPECT_EQ(streams_of(event), std::vector{stream_of(event.share)});
}

TEST(StreamsOf, AShareTypeHasItsNameToo) {
  const ShareTypeCreated event{.type = {{1, 2}}, .name = "gold"};
  EXPECT_EQ(streams_of(event), (std::vector{stream_of(event.type), std::string("type-name-gold")}));
}

TEST(StreamsOf, ACreatedShareDoesNotTouchItsType) {
  const ShareCreated event{.share = {{1, 2}}, .type = {{3, 4}}};
  EXPECT_EQ(streams_of(event), std::vector{stream_of(event.share)});
}

TEST(StreamsOf, RefusalsTouchNothing) {
  EXPECT_TRUE(streams_of(CommandRejected{.subject = "share-1"}).empty());
  EXPECT_TRUE(streams_of(RefusalsSuppressed{.actor = "a"}).empty());
  EXPECT_TRUE(streams_of(LogCreated{}).empty());
}

TEST(Word, OfAutoIsWithoutTheUnderscore) {
  EXPECT_EQ(word(ChangeMode::auto_), "auto");
  EXPECT_EQ(parse_word<ChangeMode>("auto"), ChangeMode::auto_);
  EXPECT_EQ(parse_word<ChangeMode>("auto_"), std::nullopt);
}

TEST(Word, IsParsedBack) {
  for (const ReplicaStatus status : wire::EnumValuesReplicaStatus())
    EXPECT_EQ(parse_word<ReplicaStatus>(word(status)), status);
  EXPECT_EQ(parse_word<ReplicaStatus>("promoting"), std::nullopt);
}

}  // namespace
}  // namespace pasig
