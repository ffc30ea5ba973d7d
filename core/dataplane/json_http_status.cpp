// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

struct StatusName
{
    const char *name;
    std::uint32_t code;
};
// envoy.type.v3.StatusCode
constexpr StatusName statusNames[] = {{"Continue", 100},
                                      {"OK", 200},
                                      {"Created", 201},
                                      {"Accepted", 202},
                                      {"NonAuthoritativeInformation", 203},
                                      {"NoContent", 204},
                                      {"ResetContent", 205},
                                      {"PartialContent", 206},
                                      {"MultiStatus", 207},
                                      {"AlreadyReported", 208},
                                      {"IMUsed", 226},
                                      {"MultipleChoices", 300},
                                      {"MovedPermanently", 301},
                                      {"Found", 302},
                                      {"SeeOther", 303},
                                      {"NotModified", 304},
                                      {"UseProxy", 305},
                                      {"TemporaryRedirect", 307},
                                      {"PermanentRedirect", 308},
                                      {"BadRequest", 400},
                                      {"Unauthorized", 401},
                                      {"PaymentRequired", 402},
                                      {"Forbidden", 403},
                                      {"NotFound", 404},
                                      {"MethodNotAllowed", 405},
                                      {"NotAcceptable", 406},
                                      {"ProxyAuthenticationRequired", 407},
                                      {"RequestTimeout", 408},
                                      {"Conflict", 409},
                                      {"Gone", 410},
                                      {"LengthRequired", 411},
                                      {"PreconditionFailed", 412},
                                      {"PayloadTooLarge", 413},
                                      {"URITooLong", 414},
                                      {"UnsupportedMediaType", 415},
                                      {"RangeNotSatisfiable", 416},
                                      {"ExpectationFailed", 417},
                                      {"MisdirectedRequest", 421},
                                      {"UnprocessableEntity", 422},
                                      {"Locked", 423},
                                      {"FailedDependency", 424},
                                      {"UpgradeRequired", 426},
                                      {"PreconditionRequired", 428},
                                      {"TooManyRequests", 429},
                                      {"RequestHeaderFieldsTooLarge", 431},
                                      {"InternalServerError", 500},
                                      {"NotImplemented", 501},
                                      {"BadGateway", 502},
                                      {"ServiceUnavailable", 503},
                                      {"GatewayTimeout", 504},
                                      {"HTTPVersionNotSupported", 505},
                                      {"VariantAlsoNegotiates", 506},
                                      {"InsufficientStorage", 507},
                                      {"LoopDetected", 508},
                                      {"NotExtended", 510},
                                      {"NetworkAuthenticationRequired", 511}};

} // namespace

template<typename A>
void describeStatus(A &a, std::optional<std::uint32_t> &code)
{
    if constexpr (std::is_same_v<A, JsonReader>) {
        const QJsonValue json = a.take("code");
        const auto *found =
            std::find_if(std::begin(statusNames), std::end(statusNames), [&](const StatusName &status) {
                return json.isString() ? json.toString() == QLatin1String(status.name)
                                       : json.toInt() == static_cast<int>(status.code);
            });
        a.check(found != std::end(statusNames), "code", "there is no such status code");
        if (found != std::end(statusNames))
            code = found->code;
    } else {
        a.field("code", code);
    }
}
template void describeStatus(JsonReader &, std::optional<std::uint32_t> &);
template void describeStatus(JsonWriter &, std::optional<std::uint32_t> &);

} // namespace sallyport::dataplane
