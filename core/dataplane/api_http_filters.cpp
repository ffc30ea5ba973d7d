// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// Filters of HTTP requests, and RBAC's rules.
const std::string_view httpFiltersApi = R"api(
envoy.config.rbac.v3.Permission
  and_rules envoy.config.rbac.v3.Permission.Set /rule!
  or_rules envoy.config.rbac.v3.Permission.Set /rule!
  any bool =true /rule!
  header envoy.config.route.v3.HeaderMatcher /rule!
  destination_ip envoy.config.core.v3.CidrRange /rule!
  destination_port uint32 <=65535 /rule!
  metadata envoy.type.matcher.v3.MetadataMatcher /rule!
  not_rule envoy.config.rbac.v3.Permission /rule!
  requested_server_name envoy.type.matcher.v3.StringMatcher /rule!
  url_path envoy.type.matcher.v3.PathMatcher /rule!
  destination_port_range envoy.type.v3.Int32Range /rule!
  matcher envoy.config.core.v3.TypedExtensionConfig /rule!
  uri_template envoy.config.core.v3.TypedExtensionConfig /rule!
  sourced_metadata message /rule!
envoy.config.rbac.v3.Permission.Set
  rules []envoy.config.rbac.v3.Permission items>=1
envoy.config.rbac.v3.Policy
  permissions []envoy.config.rbac.v3.Permission items>=1
  principals []envoy.config.rbac.v3.Principal items>=1
  condition google.api.expr.v1alpha1.Expr
  checked_condition google.api.expr.v1alpha1.CheckedExpr
  cel_config message
envoy.config.rbac.v3.Principal
  and_ids envoy.config.rbac.v3.Principal.Set /identifier!
  or_ids envoy.config.rbac.v3.Principal.Set /identifier!
  any bool =true /identifier!
  authenticated envoy.config.rbac.v3.Principal.Authenticated /identifier!
  source_ip envoy.config.core.v3.CidrRange /identifier!
  header envoy.config.route.v3.HeaderMatcher /identifier!
  metadata envoy.type.matcher.v3.MetadataMatcher /identifier!
  not_id envoy.config.rbac.v3.Principal /identifier!
  url_path envoy.type.matcher.v3.PathMatcher /identifier!
  direct_remote_ip envoy.config.core.v3.CidrRange /identifier!
  remote_ip envoy.config.core.v3.CidrRange /identifier!
  filter_state envoy.type.matcher.v3.FilterStateMatcher /identifier!
  sourced_metadata message /identifier!
  custom envoy.config.core.v3.TypedExtensionConfig /identifier!
envoy.config.rbac.v3.Principal.Authenticated
  principal_name envoy.type.matcher.v3.StringMatcher
envoy.config.rbac.v3.Principal.Set
  ids []envoy.config.rbac.v3.Principal items>=1
envoy.config.rbac.v3.RBAC
  action envoy.config.rbac.v3.RBAC.Action defined
  policies {}envoy.config.rbac.v3.Policy
  audit_logging_options message
envoy.config.rbac.v3.RBAC.Action enum
  ALLOW DENY LOG
envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheCircuitBreakers
  max_pending_requests uint32?
envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig
  name string length>=1
  dns_lookup_family envoy.config.cluster.v3.Cluster.DnsLookupFamily defined
  dns_refresh_rate duration >=0.001s
  host_ttl duration >0s
  max_hosts uint32? >0
  dns_failure_refresh_rate envoy.config.cluster.v3.Cluster.RefreshRate
  dns_cache_circuit_breaker envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheCircuitBreakers
  use_tcp_for_dns_lookups bool
  dns_resolution_config envoy.config.core.v3.DnsResolutionConfig
  preresolve_hostnames []envoy.config.core.v3.SocketAddress
  dns_query_timeout duration >=0s
  typed_dns_resolver_config envoy.config.core.v3.TypedExtensionConfig
  key_value_config message
  dns_min_refresh_rate duration >=1s
  disable_dns_refresh_on_failure bool
  resolved_address_filter message
envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor
  entries []envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry items>=1
  token_bucket envoy.type.v3.TokenBucket required
  shadow_mode bool
envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry
  key string length>=1
  value string
envoy.extensions.common.ratelimit.v3.VhRateLimitsOptions enum
  OVERRIDE INCLUDE IGNORE
envoy.extensions.common.ratelimit.v3.XRateLimitHeadersRFCVersion enum
  OFF DRAFT_VERSION_03
envoy.extensions.filters.common.fault.v3.FaultDelay
  fixed_delay duration >0s /fault_delay_secifier!
  percentage envoy.type.v3.FractionalPercent
  header_delay envoy.extensions.filters.common.fault.v3.FaultDelay.HeaderDelay /fault_delay_secifier!
envoy.extensions.filters.common.fault.v3.FaultDelay.HeaderDelay
envoy.extensions.filters.http.buffer.v3.Buffer
  max_request_bytes uint32? required >0
envoy.extensions.filters.http.buffer.v3.BufferPerRoute
  disabled bool =true /override!
  buffer envoy.extensions.filters.http.buffer.v3.Buffer required /override!
envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue
  object_key string length>=1 /key!
  factory_key string
  format_string envoy.config.core.v3.SubstitutionFormatString /value!
  read_only bool
  shared_with_upstream envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue.SharedWithUpstream
  skip_if_empty bool
envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue.SharedWithUpstream enum
  NONE ONCE TRANSITIVE
envoy.extensions.filters.http.cors.v3.Cors
envoy.extensions.filters.http.cors.v3.CorsPolicy
  allow_origin_string_match []envoy.type.matcher.v3.StringMatcher
  allow_methods string
  allow_headers string
  expose_headers string
  max_age string
  allow_credentials bool?
  filter_enabled envoy.config.core.v3.RuntimeFractionalPercent
  shadow_enabled envoy.config.core.v3.RuntimeFractionalPercent
  allow_private_network_access bool?
  forward_not_matching_preflights bool?
envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig
  dns_cache_config envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig /implementation_specifier
  save_upstream_address bool
  sub_cluster_config message /implementation_specifier
  allow_dynamic_host_from_filter_state bool
envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest
  allowed_headers envoy.type.matcher.v3.ListStringMatcher
  headers_to_add []envoy.config.core.v3.HeaderValue
envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse
  allowed_upstream_headers envoy.type.matcher.v3.ListStringMatcher
  allowed_client_headers envoy.type.matcher.v3.ListStringMatcher
  allowed_upstream_headers_to_append envoy.type.matcher.v3.ListStringMatcher
  allowed_client_headers_on_success envoy.type.matcher.v3.ListStringMatcher
  dynamic_metadata_from_headers message
envoy.extensions.filters.http.ext_authz.v3.BufferSettings
  max_request_bytes uint32 >0
  allow_partial_message bool
  pack_as_bytes bool
envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
  grpc_service message /services
  failure_mode_allow bool
  http_service envoy.extensions.filters.http.ext_authz.v3.HttpService /services
  with_request_body envoy.extensions.filters.http.ext_authz.v3.BufferSettings
  clear_route_cache bool
  status_on_error envoy.type.v3.HttpStatus
  metadata_context_namespaces []string
  filter_enabled envoy.config.core.v3.RuntimeFractionalPercent
  include_peer_certificate bool
  deny_at_disable message
  transport_api_version envoy.config.core.v3.ApiVersion defined
  stat_prefix string
  filter_enabled_metadata envoy.type.matcher.v3.MetadataMatcher
  bootstrap_metadata_labels_key string
  typed_metadata_context_namespaces []string
  allowed_headers envoy.type.matcher.v3.ListStringMatcher
  include_tls_session bool
  failure_mode_allow_header_add bool
  charge_cluster_response_stats bool?
  route_metadata_context_namespaces []string
  route_typed_metadata_context_namespaces []string
  encode_raw_headers bool
  validate_mutations bool
  disallowed_headers message
  decoder_header_mutation_rules message
  enable_dynamic_metadata_ingestion bool?
  filter_metadata struct
  emit_filter_state_stats bool
  max_denied_response_body_bytes uint32
  enforce_response_header_limits bool
  shadow_mode bool
  emit_client_span bool?
  clear_route_cache_headers []string length>=1 header-name
envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
  disabled bool /override!
  check_settings message required /override!
envoy.extensions.filters.http.ext_authz.v3.HttpService
  server_uri envoy.config.core.v3.HttpUri
  path_prefix string
  authorization_request envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest
  authorization_response envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse
  retry_policy message
  path_override string
envoy.extensions.filters.http.fault.v3.FaultAbort
  http_status uint32 >=200 <600 /error_type!
  percentage envoy.type.v3.FractionalPercent
  header_abort envoy.extensions.filters.http.fault.v3.FaultAbort.HeaderAbort /error_type!
  grpc_status uint32 /error_type!
  response_body string
envoy.extensions.filters.http.fault.v3.FaultAbort.HeaderAbort
envoy.extensions.filters.http.fault.v3.HTTPFault
  delay envoy.extensions.filters.common.fault.v3.FaultDelay
  abort envoy.extensions.filters.http.fault.v3.FaultAbort
  upstream_cluster string
  headers []envoy.config.route.v3.HeaderMatcher
  downstream_nodes []string
  max_active_faults uint32?
  response_rate_limit message
  delay_percent_runtime string
  abort_percent_runtime string
  delay_duration_runtime string
  abort_http_status_runtime string
  max_active_faults_runtime string
  response_rate_limit_percent_runtime string
  abort_grpc_status_runtime string
  disable_downstream_cluster_stats bool
  filter_metadata struct
envoy.extensions.filters.http.grpc_stats.v3.FilterConfig
  emit_filter_state bool
  individual_method_stats_allowlist envoy.config.core.v3.GrpcMethodList /per_method_stat_specifier
  stats_for_all_methods bool? /per_method_stat_specifier
  enable_upstream_stats bool
  replace_dots_in_grpc_service_name bool
envoy.extensions.filters.http.grpc_web.v3.GrpcWeb
envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
  mutations envoy.extensions.filters.http.header_mutation.v3.Mutations
  most_specific_header_mutations_wins bool
envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute
  mutations envoy.extensions.filters.http.header_mutation.v3.Mutations
envoy.extensions.filters.http.header_mutation.v3.Mutations
  request_mutations []envoy.config.common.mutation_rules.v3.HeaderMutation
  response_mutations []envoy.config.common.mutation_rules.v3.HeaderMutation
  query_parameter_mutations []message
  response_trailers_mutations []message
  request_trailers_mutations []message
  formatters []message
envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
  providers {}envoy.extensions.filters.http.jwt_authn.v3.JwtProvider
  rules []envoy.extensions.filters.http.jwt_authn.v3.RequirementRule
  filter_state_rules message
  bypass_cors_preflight bool
  requirement_map {}envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement
  strip_failure_response bool
  stat_prefix string
envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig
  jwt_cache_size uint32
  jwt_max_token_size uint32
envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader
  header_name string length>=1 header-name
  claim_name string
  claim_path []envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader.PathSegment
envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader.PathSegment
  key string length>=1
envoy.extensions.filters.http.jwt_authn.v3.JwtHeader
  name string length>=1 header-name
  value_prefix string header-value
envoy.extensions.filters.http.jwt_authn.v3.JwtProvider
  issuer string
  audiences []string
  remote_jwks message /jwks_source_specifier!
  local_jwks envoy.config.core.v3.DataSource /jwks_source_specifier!
  forward bool
  from_headers []envoy.extensions.filters.http.jwt_authn.v3.JwtHeader
  from_params []string
  forward_payload_header string header-name
  payload_in_metadata string
  clock_skew_seconds uint32
  pad_forward_payload_header bool
  jwt_cache_config envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig
  from_cookies []string
  header_in_metadata string
  claim_to_headers []envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader
  failed_status_in_metadata string
  clear_route_cache bool
  normalize_payload_in_metadata envoy.extensions.filters.http.jwt_authn.v3.JwtProvider.NormalizePayload
  subjects message
  require_expiration bool
  max_lifetime duration
envoy.extensions.filters.http.jwt_authn.v3.JwtProvider.NormalizePayload
  space_delimited_claims []string
envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement
  provider_name string /requires_type
  provider_and_audiences envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences /requires_type
  requires_any envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList /requires_type
  requires_all envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList /requires_type
  allow_missing_or_failed struct /requires_type
  allow_missing struct /requires_type
  extract_only_without_validation message /requires_type
envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList
  requirements []envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement items>=2
envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList
  requirements []envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement items>=2
envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig
  disabled bool =true /requirement_specifier!
  requirement_name string length>=1 /requirement_specifier!
envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences
  provider_name string
  audiences []string
envoy.extensions.filters.http.jwt_authn.v3.RequirementRule
  match envoy.config.route.v3.RouteMatch required
  requires envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement /requirement_type
  requirement_name string length>=1 /requirement_type
envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
  stat_prefix string length>=1
  status envoy.type.v3.HttpStatus
  token_bucket envoy.type.v3.TokenBucket
  filter_enabled envoy.config.core.v3.RuntimeFractionalPercent
  filter_enforced envoy.config.core.v3.RuntimeFractionalPercent
  response_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=10
  descriptors []envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor
  stage uint32 <=10
  request_headers_to_add_when_not_enforced []envoy.config.core.v3.HeaderValueOption items<=10
  local_rate_limit_per_downstream_connection bool
  enable_x_ratelimit_headers envoy.extensions.common.ratelimit.v3.XRateLimitHeadersRFCVersion defined
  vh_rate_limits envoy.extensions.common.ratelimit.v3.VhRateLimitsOptions defined
  always_consume_default_token_bucket bool?
  rate_limited_as_resource_exhausted bool
  local_cluster_rate_limit message
  rate_limits []envoy.config.route.v3.RateLimit
  max_dynamic_descriptors uint32? >=1
  enable_retry_after_header bool
envoy.extensions.filters.http.rbac.v3.RBAC
  rules envoy.config.rbac.v3.RBAC
  shadow_rules envoy.config.rbac.v3.RBAC
  shadow_rules_stat_prefix string
  matcher message
  shadow_matcher message
  rules_stat_prefix string
  track_per_rule_stats bool
envoy.extensions.filters.http.rbac.v3.RBACPerRoute
  rbac envoy.extensions.filters.http.rbac.v3.RBAC
envoy.extensions.filters.http.router.v3.Router
  dynamic_stats bool?
  start_child_span bool
  upstream_log []envoy.config.accesslog.v3.AccessLog
  suppress_envoy_headers bool
  strict_check_headers []string one-of=x-envoy-upstream-rq-timeout-ms,x-envoy-upstream-rq-per-try-timeout-ms
    one-of=x-envoy-max-retries,x-envoy-retry-grpc-on,x-envoy-retry-on
  respect_expected_rq_timeout bool
  suppress_grpc_request_failure_code_stats bool
  upstream_http_filters []message
  upstream_log_options envoy.extensions.filters.http.router.v3.Router.UpstreamAccessLogOptions
  reject_connect_request_early_data bool?
envoy.extensions.filters.http.router.v3.Router.UpstreamAccessLogOptions
  flush_upstream_log_on_upstream_stream bool
  upstream_log_flush_interval duration >=0.001s
envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig
  header_name string length>=1 header-name-strict
  allow_extension_to_set_address_as_trusted bool
  reject_with_status envoy.type.v3.HttpStatus
envoy.extensions.http.original_ip_detection.xff.v3.XffConfig
  xff_num_trusted_hops uint32
  xff_trusted_cidrs envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs
  skip_xff_append bool?
envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs
  cidrs []envoy.config.core.v3.CidrRange
envoy.extensions.filters.http.set_filter_state.v3.Config
  on_request_headers []envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue
  clear_route_cache bool
)api";

} // namespace sallyport::dataplane
