// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

const std::string_view tracingApi = R"api(
envoy.config.core.v3.HttpService
  http_uri envoy.config.core.v3.HttpUri
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption
envoy.config.trace.v3.OpenTelemetryConfig
  grpc_service message
  http_service message
  service_name string
  resource_detectors []message
  sampler message
  max_cache_size uint32?
envoy.config.trace.v3.Tracing.Http
  name string length>=1
  typed_config any
envoy.config.trace.v3.ZipkinConfig
  collector_cluster string
  collector_endpoint string
  trace_id_128bit bool
  shared_span_context bool?
  collector_endpoint_version envoy.config.trace.v3.ZipkinConfig.CollectorEndpointVersion
  collector_hostname string
  split_spans_for_request bool
  trace_context_option envoy.config.trace.v3.ZipkinConfig.TraceContextOption
  collector_service envoy.config.core.v3.HttpService
envoy.config.trace.v3.ZipkinConfig.CollectorEndpointVersion enum
  DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE HTTP_JSON HTTP_PROTO GRPC
envoy.config.trace.v3.ZipkinConfig.TraceContextOption enum
  USE_B3 USE_B3_WITH_W3C_PROPAGATION
)api";

} // namespace sallyport::dataplane
