// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base64.h"
#include "core/model/decode.h"

namespace sallyport::model {

namespace {

void decodeStringMatch(Fields &fields, StringMatch &match)
{
    struct Form
    {
        const char *key;
        StringMatch::Kind kind;
    };
    for (const Form form :
         {Form{"exact", StringMatch::Kind::Exact}, Form{"prefix", StringMatch::Kind::Prefix},
          Form{"regex", StringMatch::Kind::Regex}}) {
        std::optional<std::string> value;
        fields.text(form.key, value);
        if (!value)
            continue;
        match.kind = form.kind;
        match.value = *std::move(value);
    }
}

void decodeStringMatch(Fields &fields, const char *key, std::optional<StringMatch> &match)
{
    fields.object(key, [&](Fields &inner) { decodeStringMatch(inner, match.emplace()); });
}

void decodeStringMatches(Fields &fields, const char *key, std::map<std::string, StringMatch> &matches)
{
    fields.entries(key,
                   [&](const std::string &name, Fields &inner) { decodeStringMatch(inner, matches[name]); });
}

void decodeHttpMatch(Fields &fields, HttpMatch &match)
{
    fields.text("name", match.name);
    decodeStringMatch(fields, "uri", match.uri);
    decodeStringMatch(fields, "scheme", match.scheme);
    decodeStringMatch(fields, "method", match.method);
    decodeStringMatch(fields, "authority", match.authority);
    decodeStringMatches(fields, "headers", match.headers);
    decodeStringMatches(fields, "withoutHeaders", match.withoutHeaders);
    decodeStringMatches(fields, "queryParams", match.queryParams);
    fields.number("port", match.port);
    fields.labels("sourceLabels", match.sourceLabels);
    fields.text("sourceNamespace", match.sourceNamespace);
    fields.texts("gateways", match.gateways);
    fields.boolean("ignoreUriCase", match.ignoreUriCase);
    fields.text("statPrefix", match.statPrefix);
}

void decodeHeaderOperations(Fields &fields, HeaderOperations &operations)
{
    fields.labels("set", operations.set);
    fields.labels("add", operations.add);
    fields.texts("remove", operations.remove);
}

void decodeHeaders(Fields &fields, Headers &headers)
{
    fields.object("headers", [&](Fields &inner) {
        inner.object("request",
                     [&](Fields &operations) { decodeHeaderOperations(operations, headers.request); });
        inner.object("response",
                     [&](Fields &operations) { decodeHeaderOperations(operations, headers.response); });
    });
}

void decodeRouteDestinations(Fields &fields, std::vector<RouteDestination> &route)
{
    fields.objects("route", [&](Fields &inner) {
        RouteDestination &target = route.emplace_back();
        inner.object("destination",
                     [&](Fields &destination) { decodeDestination(destination, target.destination); });
        inner.number("weight", target.weight);
        decodeHeaders(inner, target.headers);
    });
}

void decodePercent(Fields &fields, const char *key, std::optional<double> &percent)
{
    fields.object(key, [&](Fields &inner) {
        percent = 0.0;
        inner.real("value", percent);
    });
}

void decodeRedirect(Fields &fields, HttpRedirect &redirect)
{
    fields.text("uri", redirect.uri);
    fields.text("prefixRewrite", redirect.prefixRewrite);
    fields.text("authority", redirect.authority);
    fields.text("scheme", redirect.scheme);
    fields.number("port", redirect.port);
    fields.word("derivePort", redirect.derivePort, {"FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"});
    fields.number("redirectCode", redirect.redirectCode);
}

void decodeFault(Fields &fields, HttpFault &fault)
{
    fields.object("delay", [&](Fields &inner) {
        HttpFault::Delay &delay = fault.delay.emplace();
        inner.duration("fixedDelay", delay.fixedDelay);
        decodePercent(inner, "percentage", delay.percentage);
        inner.number("percent", delay.percent);
        inner.keep({"exponentialDelay"});
    });
    fields.object("abort", [&](Fields &inner) {
        HttpFault::Abort &abort = fault.abort.emplace();
        inner.number("httpStatus", abort.httpStatus);
        inner.text("grpcStatus", abort.grpcStatus);
        decodePercent(inner, "percentage", abort.percentage);
        inner.keep({"http2Error"}); // validation refuses it
    });
}

void decodeMirrors(Fields &fields, HttpRoute &route)
{
    std::vector<HttpMirror> &mirrors = route.mirrors;
    fields.object("mirror",
                  [&](Fields &inner) { decodeDestination(inner, mirrors.emplace_back().destination); });
    std::optional<double> percentage;
    decodePercent(fields, "mirrorPercentage", percentage);
    std::optional<std::uint32_t> percent;
    fields.number("mirrorPercent", percent);
    route.mirrorPercentage = percentage ? percentage
                             : percent  ? std::optional<double>(*percent)
                                        : std::nullopt;
    route.hasMirror = !mirrors.empty();
    if (route.hasMirror)
        mirrors.front().percentage = route.mirrorPercentage;
    fields.objects("mirrors", [&](Fields &inner) {
        HttpMirror &mirror = mirrors.emplace_back();
        inner.object("destination",
                     [&](Fields &destination) { decodeDestination(destination, mirror.destination); });
        decodePercent(inner, "percentage", mirror.percentage);
    });
}

void decodeCors(Fields &fields, HttpCors &cors)
{
    std::vector<std::string> exactOrigins;
    fields.texts("allowOrigin", exactOrigins);
    fields.objects("allowOrigins",
                   [&](Fields &inner) { decodeStringMatch(inner, cors.allowOrigins.emplace_back()); });
    if (cors.allowOrigins.empty()) {
        for (const std::string &origin : exactOrigins)
            cors.allowOrigins.push_back({StringMatch::Kind::Exact, origin});
    }
    fields.texts("allowMethods", cors.allowMethods);
    fields.texts("allowHeaders", cors.allowHeaders);
    fields.texts("exposeHeaders", cors.exposeHeaders);
    fields.duration("maxAge", cors.maxAge);
    fields.boolean("allowCredentials", cors.allowCredentials);
    int preflights = 0;
    fields.word("unmatchedPreflights", preflights, {"UNSPECIFIED", "FORWARD", "IGNORE"});
    cors.ignoreUnmatchedPreflights = preflights == 2;
}

void decodeHttpRoute(Fields &fields, HttpRoute &route)
{
    route.fieldPath = fields.path();
    fields.text("name", route.name);
    fields.objects("match", [&](Fields &inner) { decodeHttpMatch(inner, route.match.emplace_back()); });
    decodeRouteDestinations(fields, route.route);
    fields.object("redirect", [&](Fields &inner) { decodeRedirect(inner, route.redirect.emplace()); });
    fields.object("directResponse", [&](Fields &inner) {
        HttpDirectResponse &direct = route.directResponse.emplace();
        inner.number("status", direct.status);
        inner.object("body", [&](Fields &body) {
            body.text("string", direct.body);
            std::optional<std::string> bytes;
            body.text("bytes", bytes);
            if (!bytes)
                return;
            direct.body = fromBase64(*bytes);
            if (!direct.body)
                body.report("EGR0105", Severity::Error, "the bytes are not base64", "bytes",
                            "use string for plain text");
        });
    });
    fields.object("delegate", [&](Fields &inner) {
        Delegate &delegate = route.delegate.emplace();
        inner.text("name", delegate.name);
        inner.text("namespace", delegate.delegateNamespace);
    });
    fields.object("rewrite", [&](Fields &inner) {
        HttpRewrite &rewrite = route.rewrite.emplace();
        inner.text("uri", rewrite.uri);
        inner.text("authority", rewrite.authority);
        inner.object("uriRegexRewrite", [&](Fields &regex) {
            regex.text("match", rewrite.regexMatch);
            regex.text("rewrite", rewrite.regexRewrite);
        });
    });
    fields.duration("timeout", route.timeout);
    fields.object("retries", [&](Fields &inner) { decodeRetry(inner, route.retries.emplace()); });
    fields.object("fault", [&](Fields &inner) { decodeFault(inner, route.fault.emplace()); });
    decodeMirrors(fields, route);
    fields.object("corsPolicy", [&](Fields &inner) { decodeCors(inner, route.cors.emplace()); });
    decodeHeaders(fields, route.headers);
}

void decodeL4Route(Fields &fields, L4Route &route)
{
    route.fieldPath = fields.path();
    fields.objects("match", [&](Fields &inner) {
        L4Match &match = route.match.emplace_back();
        inner.texts("sniHosts", match.sniHosts);
        inner.texts("destinationSubnets", match.destinationSubnets);
        inner.number("port", match.port);
        inner.labels("sourceLabels", match.sourceLabels);
        inner.text("sourceNamespace", match.sourceNamespace);
        inner.text("sourceSubnet", match.sourceSubnet);
        inner.texts("gateways", match.gateways);
    });
    decodeRouteDestinations(fields, route.route);
}

} // namespace

void decodeDestination(Fields &fields, Destination &destination)
{
    fields.text("host", destination.host);
    fields.text("subset", destination.subset);
    fields.object("port", [&](Fields &port) { port.number("number", destination.port); });
}

void decodeRetry(Fields &fields, HttpRetry &retry)
{
    fields.number("attempts", retry.attempts);
    fields.duration("perTryTimeout", retry.perTryTimeout);
    fields.text("retryOn", retry.retryOn);
    fields.boolean("retryRemoteLocalities", retry.retryRemoteLocalities);
    fields.boolean("retryIgnorePreviousHosts", retry.retryIgnorePreviousHosts);
    fields.duration("backoff", retry.backoff);
}

void decode(Fields &spec, VirtualService &service)
{
    spec.texts("hosts", service.hosts);
    spec.texts("gateways", service.gateways);
    spec.objects("http", [&](Fields &fields) { decodeHttpRoute(fields, service.http.emplace_back()); });
    spec.objects("tls", [&](Fields &fields) { decodeL4Route(fields, service.tls.emplace_back()); });
    spec.objects("tcp", [&](Fields &fields) { decodeL4Route(fields, service.tcp.emplace_back()); });
    spec.texts("exportTo", service.exportTo);
}

} // namespace sallyport::model
