// SPDX-License-Identifier: GPL-3.0-or-later
// MeshConfig.extensionProviders: authorizers, access logs and tracers.
#include "core/model/decode.h"

namespace sallyport::model {

namespace {

/// What authorizers over gRPC and over HTTP have in common.
void decodeAuthorizer(Fields &fields, ExtensionProvider &provider)
{
    fields.text("service", provider.service);
    fields.number("port", provider.port);
    fields.duration("timeout", provider.timeout);
    fields.boolean("failOpen", provider.failOpen);
    fields.boolean("clearRouteCache", provider.clearRouteCache);
    fields.text("statusOnError", provider.statusOnError);
    fields.object("includeRequestBodyInCheck", [&](Fields &body) {
        body.number("maxRequestBytes", provider.maxRequestBytes);
        body.boolean("allowPartialMessage", provider.allowPartialMessage);
        body.boolean("packAsBytes", provider.packAsBytes);
    });
}

void decodeTracers(Fields &fields, ExtensionProvider &provider)
{
    const auto tracer = [&](const char *key, ExtensionProvider::Kind kind, auto &&more) {
        fields.object(key, [&](Fields &tracing) {
            provider.kind = kind;
            tracing.text("service", provider.service);
            tracing.number("port", provider.port);
            more(tracing);
            // What spans hold: a lab reports none.
            tracing.keep({"maxTagLength"});
        });
    };
    tracer("zipkin", ExtensionProvider::Kind::Zipkin, [&](Fields &zipkin) {
        zipkin.text("path", provider.tracingPath);
        zipkin.boolean("enable64bitTraceId", provider.zipkin64BitTraceId);
        zipkin.duration("timeout", provider.timeout);
        int option = 0;
        zipkin.word("traceContextOption", option, {"USE_B3", "USE_B3_WITH_W3C_PROPAGATION"});
        provider.zipkinWithW3c = option == 1;
        zipkin.keep({"headers"});
    });
    tracer("opentelemetry", ExtensionProvider::Kind::OpenTelemetry, [&](Fields &open) {
        open.object("http", [&](Fields &http) {
            provider.openTelemetryHttp = true;
            http.text("path", provider.tracingPath);
            http.duration("timeout", provider.timeout);
            http.keep({"headers"});
        });
        open.object("grpc", [&](Fields &grpc) {
            grpc.duration("timeout", provider.timeout);
            grpc.keep({"initialMetadata"});
        });
        open.keep({"resourceDetectors", "serviceAttributeEnrichment", "dynatraceSampler"});
    });
    for (const char *other : {"datadog", "lightstep", "opencensus"})
        tracer(other, ExtensionProvider::Kind::OtherTracer, [](Fields &inner) {
            inner.keep({"accessToken", "context"});
        });
    tracer("skywalking", ExtensionProvider::Kind::OtherTracer, [&](Fields &skywalking) {
        provider.startsChildSpan = true;
        skywalking.keep({"accessToken"});
    });
}

} // namespace

void decodeExtensionProvider(Fields &fields, ExtensionProvider &provider)
{
    fields.text("name", provider.name);
    fields.object("envoyFileAccessLog", [&](Fields &log) {
        provider.kind = ExtensionProvider::Kind::EnvoyFileAccessLog;
        log.text("path", provider.path);
        log.boolean("omitEmptyValues", provider.omitEmptyValues);
        log.object("logFormat", [&](Fields &format) {
            provider.hasLogFormat = true;
            format.text("text", provider.logText);
            provider.logLabels = format.node() ? format.node()->find("labels") : nullptr;
            format.keep({"labels"});
        });
    });
    fields.object("envoyExtAuthzGrpc", [&](Fields &authz) {
        provider.kind = ExtensionProvider::Kind::EnvoyExtAuthzGrpc;
        decodeAuthorizer(authz, provider);
    });
    fields.object("envoyExtAuthzHttp", [&](Fields &authz) {
        provider.kind = ExtensionProvider::Kind::EnvoyExtAuthzHttp;
        decodeAuthorizer(authz, provider);
        authz.text("pathPrefix", provider.pathPrefix);
        authz.texts("includeHeadersInCheck", provider.includeRequestHeadersInCheck);
        authz.texts("includeRequestHeadersInCheck", provider.includeRequestHeadersInCheck);
        authz.labels("includeAdditionalHeadersInCheck", provider.includeAdditionalHeadersInCheck);
        authz.texts("headersToUpstreamOnAllow", provider.headersToUpstreamOnAllow);
        authz.texts("headersToDownstreamOnDeny", provider.headersToDownstreamOnDeny);
        authz.texts("headersToDownstreamOnAllow", provider.headersToDownstreamOnAllow);
    });
    decodeTracers(fields, provider);
    for (const char *service : {"envoyHttpAls", "envoyTcpAls", "envoyOtelAls"}) {
        if (fields.present(service))
            provider.kind = ExtensionProvider::Kind::LogService;
    }
    // Statistics and keys of somebody else.
    fields.keep({"prometheus", "stackdriver"});
    fields.withoutEffect({"sds"});
}

} // namespace sallyport::model
