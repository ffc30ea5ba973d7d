// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// How hosts are asked whether they are well, and how such questions are answered.
const std::string_view healthCheckApi = R"api(
envoy.config.core.v3.HealthCheck
  timeout duration required >0s
  interval duration required >0s
  initial_jitter duration >=0s
  interval_jitter duration >=0s
  interval_jitter_percent uint32
  unhealthy_threshold uint32? required
  healthy_threshold uint32? required
  alt_port uint32?
  reuse_connection bool?
  http_health_check envoy.config.core.v3.HealthCheck.HttpHealthCheck /health_checker!
  tcp_health_check envoy.config.core.v3.HealthCheck.TcpHealthCheck /health_checker!
  grpc_health_check envoy.config.core.v3.HealthCheck.GrpcHealthCheck /health_checker!
  custom_health_check message /health_checker!
  no_traffic_interval duration >0s
  no_traffic_healthy_interval duration >0s
  unhealthy_interval duration >0s
  unhealthy_edge_interval duration >0s
  healthy_edge_interval duration >0s
  event_log_path string
  event_logger []message
  event_service message
  always_log_health_check_failures bool
  always_log_health_check_success bool
  tls_options envoy.config.core.v3.HealthCheck.TlsOptions
  transport_socket_match_criteria struct
  name string
envoy.config.core.v3.HealthCheck.GrpcHealthCheck
  service_name string
  authority string header-value
  initial_metadata []envoy.config.core.v3.HeaderValueOption items<=1000
envoy.config.core.v3.HealthCheck.HttpHealthCheck
  host string header-value-strict
  path string length>=1 header-value-strict
  send envoy.config.core.v3.HealthCheck.Payload
  receive []envoy.config.core.v3.HealthCheck.Payload
  response_buffer_size uint64?
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  request_headers_to_remove []string header-name
  expected_statuses []envoy.type.v3.Int64Range
  retriable_statuses []envoy.type.v3.Int64Range
  codec_client_type envoy.type.v3.CodecClientType defined
  service_name_matcher envoy.type.matcher.v3.StringMatcher
  method envoy.config.core.v3.RequestMethod defined not=6
envoy.config.core.v3.HealthCheck.Payload
  text string length>=1 /payload!
  binary bytes /payload!
envoy.config.core.v3.HealthCheck.TcpHealthCheck
  send envoy.config.core.v3.HealthCheck.Payload
  receive []envoy.config.core.v3.HealthCheck.Payload
  proxy_protocol_config envoy.config.core.v3.ProxyProtocolConfig
envoy.config.core.v3.HealthCheck.TlsOptions
  alpn_protocols []string
envoy.config.core.v3.RequestMethod enum
  METHOD_UNSPECIFIED GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH
envoy.extensions.filters.http.health_check.v3.HealthCheck
  pass_through_mode bool? required
  cache_time duration >=0s
  cluster_min_healthy_percentages {}envoy.type.v3.Percent
  headers []envoy.config.route.v3.HeaderMatcher
envoy.type.v3.CodecClientType enum
  HTTP1 HTTP2 HTTP3
)api";

} // namespace sallyport::dataplane
