// Requests that nobody should send: each is answered or closed, and the server lives on.
#include <ostream>
#include <vector>

#include "tests/http/running_server.h"

namespace pasig::http {
namespace {

struct Hostile {
  std::string name;
  std::string bytes;
  int status;  // 0: closed without a word
};

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// What the request line and the header can have wrong.
std::vector<Hostile> bad_heads() {
  const std::string get = "GET /healthcheck/live HTTP/1.1";
  const std::string host = "\r\nHost: localhost";
  return {
      {"Nothing", "", 0},
      {"OnlyLineEnds", "\r\n\r\n", 400},
      {"Garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n", 400},
      {"NoVersion", "GET /healthcheck/live\r\n\r\n", 400},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"Version12", "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n", 505},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"NoHost", get + "\r\n\r\n", 400},
      {"TwoHosts", get + host + "\r\nHost: localhost\r\n\r\n", 400},
      {"OtherHost", get + "\r\nHost: evil.example\r\n\r\n", 421},
      {"HostThatBeginsLikeOurs", get + "\r\nHost: localhost.evil.example\r\n\r\n", 421},
      {"EmptyHost", get + "\r\nHost: \r\n\r\n", 421},
      {"AbsoluteTargetOfAnother", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
       421},
      {"BareLineFeeds", "GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"SpaceBeforeColon", get + host + "\r\nX-A : b\r\n\r\n", 400},
      {"HeaderWithoutColon", get + host + "\r\nnonsense\r\n\r\n", 400},
      {"HeaderWithoutName", get + host + "\r\n: b\r\n\r\n", 400},
      {"ControlCharacterInHeader", get + host + "\r\nX-A: b\x01\r\n\r\n", 400},
      {"NulInTarget", std::string("GET /\0x HTTP/1.1\r\nHost: localhost\r\n\r\n", 38), 400},
      {"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"BadEscape", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"EncodedNul", "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"NoUtf8InQuery", "GET /v2/shares?name=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
  };
}

// What the body and its framing can have wrong.
std::vector<Hostile> bad_bodies() {
  const std::string post = "POST /echo HTTP/1.1";
  const std::string host = "\r\nHost: localhost";
  return {
      {"TransferEncodingGzip", post + host + "\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
      {"GzipAndLength", post + host + "\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
       400},
      {"LengthAndChunked",
       post + host + "\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"ChunkedAndLength",
       post + host + "\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"ChunkedTwice", post + host + "\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
       400},
      {"ChunkedInHttp10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"TwoDifferentLengths", post + host + "\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
       400},
      {"LengthWithSign", post + host + "\r\nContent-Length: +3\r\n\r\nabc", 400},
      {"NegativeLength", post + host + "\r\nContent-Length: -3\r\n\r\nabc", 400},
      {"LengthInHex", post + host + "\r\nContent-Length: 0x3\r\n\r\nabc", 400},
      {"LengthBeyond64Bits", post + host + "\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
       400},
      {"LengthOfAGigabyte", post + host + "\r\nContent-Length: 1073741824\r\n\r\nabc", 413},
      {"BodyJustTooLong", request_text(post, std::string(64 * 1024 + 1, 'x')), 413},
      {"ChunkTooLong", post + host + "\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\nabc", 413},
      {"BadChunkSize", post + host + "\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", 400},
      {"BodyCutShort", post + host + "\r\nContent-Length: 10\r\n\r\nabc", 0},
  };
}

// What is too long, and what the routes refuse.
std::vector<Hostile> bad_sizes_and_targets() {
  const std::string get = "GET /healthcheck/live HTTP/1.1";
  const std::string post = "POST /echo HTTP/1.1";
  const std::string host = "\r\nHost: localhost";
  return {
      {"HeaderCutShort", get + "\r\nHost: loc", 0},
      {"TargetTooLong", "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
       414},
      {"RequestLineTooLong", "GET /" + std::string(200'000, 'a'), 414},
      {"HeaderTooLong", get + host + "\r\nX-A: " + std::string(9000, 'a') + "\r\n\r\n", 431},
      {"TooManyHeaders", get + host + repeated("\r\nA: b", 3000) + "\r\n\r\n", 431},
      {"UnknownExpectation", post + host + "\r\nExpect: a-pony\r\n\r\n", 417},
      {"UnknownMethod", request_text("BREW /healthcheck/live HTTP/1.1"), 405},
      {"Trace", request_text("TRACE /healthcheck/live HTTP/1.1"), 405},
      {"Connect", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"UnknownPath", request_text("GET /nowhere HTTP/1.1"), 404},
      {"DeepPath", request_text("GET /v2" + repeated("/a", 1500) + " HTTP/1.1"), 404},
      {"DotDot", request_text("GET /v2/../../etc/passwd HTTP/1.1"), 404},
      {"BadVersionHeader",
       get.substr(0, 4) + "/v2/shares HTTP/1.1" + host +
           "\r\nX-OpenStack-Manila-API-Version: latest\r\n\r\n",
       400},
      {"VersionOutOfRange",
       get.substr(0, 4) + "/v2/shares HTTP/1.1" + host +
           "\r\nX-OpenStack-Manila-API-Version: 2.99\r\n\r\n",
       406},
      {"BodyWithoutJson",
       "POST /v2/shares HTTP/1.1" + host +
           "\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
       400},
      {"DeepJson",
       "POST /v2/shares HTTP/1.1" + host + "\r\nContent-Type: application/json\r\n" +
           "Content-Length: 60000\r\n\r\n" + std::string(60'000, '['),
       400},
      {"ThrowingHandler", request_text("GET /throw HTTP/1.1"), 500},
      {"HandlerOnAFullDisk", request_text("GET /full HTTP/1.1"), 507},
  };
}

void PrintTo(const Hostile& one, std::ostream* out) { *out << one.name; }

std::vector<Hostile> hostile_requests() {
  std::vector<Hostile> all = bad_heads();
  for (const auto& more : {bad_bodies(), bad_sizes_and_targets()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

class HostileRequest : public HttpServer, public ::testing::WithParamInterface<Hostile> {};

TEST_P(HostileRequest, IsAnsweredOrClosedAndTheServerLivesOn) {
  start();
  const std::string answer = exchange(GetParam().bytes);
  EXPECT_EQ(status_in(answer), GetParam().status) << answer;
  EXPECT_EQ(answer.find("(not closed)"), std::string::npos);
  if (GetParam().status >= 400) {
    EXPECT_NE(answer.find("x-compute-request-id: req-"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("X-Back"), std::string::npos);
  }
  EXPECT_EQ(status_in(exchange(request_text("GET /healthcheck/live HTTP/1.1"))), 200);
}

INSTANTIATE_TEST_SUITE_P(All, HostileRequest, ::testing::ValuesIn(hostile_requests()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pasig::http
