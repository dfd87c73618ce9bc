#include "http/faults.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace pasig::http {

std::string_view fault_name(int status) {
  switch (status) {
    case 400:
      return "badRequest";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "itemNotFound";
    case 405:
      return "badMethod";
    case 409:
      return "conflictingRequest";
    case 413:
      return "overLimit";
    case 415:
      return "badMediaType";
    case 501:
      return "notImplemented";
    case 503:
      return "serviceUnavailable";
    default:
      return "computeFault";
  }
}

Response fault(int status, std::string_view message) {
  boost::json::object inner{{"code", status}, {"message", message}};
  Response response{.status = status};
  if (status == 413) {
    inner["retryAfter"] = "0";
    response.headers.emplace_back("Retry-After", "0");
  }
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  boost::json::object body;
  body.emplace(fault_name(status), std::move(inner));
  response.body = boost::json::serialize(body);
  return response;
}

Response router_fault(int status, std::string_view title, std::string_view message,
                      const Request& request) {
  const std::string code = std::to_string(status) + " " + std::string(title);
  Response response{.status = status};
  const auto accept = request.header("accept");
  if (accept && accept->find("application/json") != std::string_view::npos) {
    response.body = boost::json::serialize(
        boost::json::object{{"message", message}, {"code", code}, {"title", title}});
  } else {
    response.body = code + "\n\n" + std::string(message) + "\n";
    response.content_type = "text/plain; charset=UTF-8";
  }
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 300:
      return "Multiple Choices";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

}  // namespace pasig::http
