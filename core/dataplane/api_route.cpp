// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// Routes of HTTP requests.
const std::string_view routeApi = R"api(
envoy.config.route.v3.CookieMatcher
  name string length>=1 bytes<=1024
  string_match envoy.type.matcher.v3.StringMatcher required
  invert_match bool
envoy.config.route.v3.CorsPolicy
  allow_methods string
  allow_headers string
  expose_headers string
  max_age string
  allow_credentials bool?
  filter_enabled envoy.config.core.v3.RuntimeFractionalPercent?
  shadow_enabled envoy.config.core.v3.RuntimeFractionalPercent
  allow_origin_string_match []envoy.type.matcher.v3.StringMatcher
  allow_private_network_access bool?
  forward_not_matching_preflights bool?
envoy.config.route.v3.Decorator
  operation string length>=1
  propagate bool?
envoy.config.route.v3.DirectResponseAction
  status uint32 >=200 <600
  body envoy.config.core.v3.DataSource
  body_format envoy.config.core.v3.SubstitutionFormatString
envoy.config.route.v3.FilterConfig
  config any
  is_optional bool
  disabled bool
envoy.config.route.v3.HeaderMatcher
  name string length>=1 header-name
  exact_match string /header_match_specifier
  range_match envoy.type.v3.Int64Range /header_match_specifier
  present_match bool /header_match_specifier
  invert_match bool
  prefix_match string length>=1 /header_match_specifier
  suffix_match string length>=1 /header_match_specifier
  safe_regex_match envoy.type.matcher.v3.RegexMatcher /header_match_specifier
  contains_match string length>=1 /header_match_specifier
  string_match envoy.type.matcher.v3.StringMatcher /header_match_specifier
  treat_missing_header_as_empty bool
envoy.config.route.v3.HedgePolicy
  initial_requests uint32? >=1
  additional_request_chance envoy.type.v3.FractionalPercent
  hedge_on_per_try_timeout bool
envoy.config.route.v3.InternalRedirectPolicy
  max_internal_redirects uint32?
  redirect_response_codes []uint32 items<=5
  predicates []envoy.config.core.v3.TypedExtensionConfig
  allow_cross_scheme_redirect bool
  response_headers_to_copy []string unique header-name
envoy.config.route.v3.QueryParameterMatcher
  name string length>=1 bytes<=1024
  string_match envoy.type.matcher.v3.StringMatcher required /query_parameter_match_specifier
  present_match bool /query_parameter_match_specifier
envoy.config.route.v3.RateLimit
  stage uint32? <=10
  disable_key string
  actions []envoy.config.route.v3.RateLimit.Action items>=1
  limit envoy.config.route.v3.RateLimit.Override
  hits_addend envoy.config.route.v3.RateLimit.HitsAddend
  apply_on_stream_done bool
envoy.config.route.v3.RateLimit.Action
  source_cluster envoy.config.route.v3.RateLimit.Action.SourceCluster /action_specifier!
  destination_cluster envoy.config.route.v3.RateLimit.Action.DestinationCluster /action_specifier!
  request_headers envoy.config.route.v3.RateLimit.Action.RequestHeaders /action_specifier!
  remote_address envoy.config.route.v3.RateLimit.Action.RemoteAddress /action_specifier!
  generic_key envoy.config.route.v3.RateLimit.Action.GenericKey /action_specifier!
  header_value_match envoy.config.route.v3.RateLimit.Action.HeaderValueMatch /action_specifier!
  dynamic_metadata message /action_specifier!
  metadata envoy.config.route.v3.RateLimit.Action.MetaData /action_specifier!
  extension envoy.config.core.v3.TypedExtensionConfig /action_specifier!
  masked_remote_address envoy.config.route.v3.RateLimit.Action.MaskedRemoteAddress /action_specifier!
  query_parameter_value_match envoy.config.route.v3.RateLimit.Action.QueryParameterValueMatch /action_specifier!
  query_parameters envoy.config.route.v3.RateLimit.Action.QueryParameters /action_specifier!
  remote_address_match message /action_specifier!
envoy.config.route.v3.RateLimit.Action.DestinationCluster
envoy.config.route.v3.RateLimit.Action.GenericKey
  descriptor_value string length>=1
  descriptor_key string
  default_value string
envoy.config.route.v3.RateLimit.Action.HeaderValueMatch
  descriptor_value string length>=1
  expect_match bool?
  headers []envoy.config.route.v3.HeaderMatcher items>=1
  descriptor_key string
envoy.config.route.v3.RateLimit.Action.MaskedRemoteAddress
  v4_prefix_mask_len uint32? <=32
  v6_prefix_mask_len uint32? <=128
envoy.config.route.v3.RateLimit.Action.MetaData
  descriptor_key string length>=1
  metadata_key envoy.type.metadata.v3.MetadataKey required
  default_value string
  source envoy.config.route.v3.RateLimit.Action.MetaData.Source defined
  skip_if_absent bool
envoy.config.route.v3.RateLimit.Action.MetaData.Source enum
  DYNAMIC ROUTE_ENTRY
envoy.config.route.v3.RateLimit.Action.QueryParameterValueMatch
  descriptor_value string length>=1
  expect_match bool?
  query_parameters []envoy.config.route.v3.QueryParameterMatcher items>=1
  descriptor_key string
envoy.config.route.v3.RateLimit.Action.QueryParameters
  query_parameter_name string length>=1
  descriptor_key string length>=1
  skip_if_absent bool
envoy.config.route.v3.RateLimit.Action.RemoteAddress
envoy.config.route.v3.RateLimit.Action.RequestHeaders
  header_name string length>=1 header-name
  descriptor_key string length>=1
  skip_if_absent bool
envoy.config.route.v3.RateLimit.Action.SourceCluster
envoy.config.route.v3.RateLimit.HitsAddend
  number uint64? <=1000000000
  format string
envoy.config.route.v3.RateLimit.Override
  dynamic_metadata message /override_specifier!
envoy.config.route.v3.RedirectAction
  host_redirect string header-value
  path_redirect string header-value /path_rewrite_specifier
  response_code envoy.config.route.v3.RedirectAction.RedirectResponseCode defined
  https_redirect bool /scheme_rewrite_specifier
  prefix_rewrite string header-value /path_rewrite_specifier
  strip_query bool
  scheme_redirect string /scheme_rewrite_specifier
  port_redirect uint32
  regex_rewrite envoy.type.matcher.v3.RegexMatchAndSubstitute /path_rewrite_specifier
  path_rewrite string /path_rewrite_specifier
envoy.config.route.v3.RedirectAction.RedirectResponseCode enum
  MOVED_PERMANENTLY FOUND SEE_OTHER TEMPORARY_REDIRECT PERMANENT_REDIRECT
envoy.config.route.v3.RetryPolicy
  retry_on string
  num_retries uint32?
  per_try_timeout duration
  retry_priority envoy.config.route.v3.RetryPolicy.RetryPriority
  retry_host_predicate []envoy.config.route.v3.RetryPolicy.RetryHostPredicate
  host_selection_retry_max_attempts int64
  retriable_status_codes []uint32
  retry_back_off envoy.config.route.v3.RetryPolicy.RetryBackOff
  retriable_headers []envoy.config.route.v3.HeaderMatcher
  retriable_request_headers []envoy.config.route.v3.HeaderMatcher
  rate_limited_retry_back_off envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff
  retry_options_predicates []message
  per_try_idle_timeout duration
  refresh_cluster_on_retry bool
envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff
  reset_headers []envoy.config.route.v3.RetryPolicy.ResetHeader items>=1
  max_interval duration >0s
envoy.config.route.v3.RetryPolicy.ResetHeader
  name string length>=1 header-name
  format envoy.config.route.v3.RetryPolicy.ResetHeaderFormat defined
envoy.config.route.v3.RetryPolicy.ResetHeaderFormat enum
  SECONDS UNIX_TIMESTAMP
envoy.config.route.v3.RetryPolicy.RetryBackOff
  base_interval duration required >0s
  max_interval duration >0s
envoy.config.route.v3.RetryPolicy.RetryHostPredicate
  name string length>=1
  typed_config any
envoy.config.route.v3.RetryPolicy.RetryPriority
  name string length>=1
  typed_config any
envoy.config.route.v3.Route
  match envoy.config.route.v3.RouteMatch required
  route envoy.config.route.v3.RouteAction /action!
  redirect envoy.config.route.v3.RedirectAction /action!
  metadata envoy.config.core.v3.Metadata
  decorator envoy.config.route.v3.Decorator
  direct_response envoy.config.route.v3.DirectResponseAction /action!
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_remove []string length>=1 header-name
  request_headers_to_remove []string length>=1 header-name
  typed_per_filter_config {}any
  name string
  tracing envoy.config.route.v3.Tracing
  per_request_buffer_limit_bytes uint32?
  filter_action message /action!
  non_forwarding_action message /action!
  stat_prefix string
  request_body_buffer_limit uint64?
  route_specifiers []message
envoy.config.route.v3.RouteAction
  cluster string length>=1 /cluster_specifier!
  cluster_header string length>=1 header-name /cluster_specifier!
  weighted_clusters envoy.config.route.v3.WeightedCluster /cluster_specifier!
  metadata_match envoy.config.core.v3.Metadata
  prefix_rewrite string header-value
  host_rewrite_literal string header-value /host_rewrite_specifier
  auto_host_rewrite bool? /host_rewrite_specifier
  timeout duration
  retry_policy envoy.config.route.v3.RetryPolicy
  priority envoy.config.core.v3.RoutingPriority defined
  rate_limits []envoy.config.route.v3.RateLimit
  include_vh_rate_limits bool?
  hash_policy []envoy.config.route.v3.RouteAction.HashPolicy
  cors envoy.config.route.v3.CorsPolicy
  cluster_not_found_response_code envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode defined
  max_grpc_timeout duration
  idle_timeout duration
  upgrade_configs []envoy.config.route.v3.RouteAction.UpgradeConfig
  internal_redirect_action envoy.config.route.v3.RouteAction.InternalRedirectAction
  hedge_policy envoy.config.route.v3.HedgePolicy
  grpc_timeout_offset duration
  host_rewrite_header string header-name /host_rewrite_specifier
  request_mirror_policies []envoy.config.route.v3.RouteAction.RequestMirrorPolicy
  max_internal_redirects uint32?
  regex_rewrite envoy.type.matcher.v3.RegexMatchAndSubstitute
  retry_policy_typed_config any
  internal_redirect_policy envoy.config.route.v3.InternalRedirectPolicy
  host_rewrite_path_regex envoy.type.matcher.v3.RegexMatchAndSubstitute /host_rewrite_specifier
  max_stream_duration envoy.config.route.v3.RouteAction.MaxStreamDuration
  cluster_specifier_plugin string /cluster_specifier!
  append_x_forwarded_host bool
  inline_cluster_specifier_plugin message /cluster_specifier!
  early_data_policy message
  path_rewrite_policy envoy.config.core.v3.TypedExtensionConfig
  flush_timeout duration
  host_rewrite string /host_rewrite_specifier
  path_rewrite string
envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode enum
  SERVICE_UNAVAILABLE NOT_FOUND INTERNAL_SERVER_ERROR
envoy.config.route.v3.RouteAction.HashPolicy
  header envoy.config.route.v3.RouteAction.HashPolicy.Header /policy_specifier!
  cookie envoy.config.route.v3.RouteAction.HashPolicy.Cookie /policy_specifier!
  connection_properties envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties /policy_specifier!
  terminal bool
  query_parameter envoy.config.route.v3.RouteAction.HashPolicy.QueryParameter /policy_specifier!
  filter_state envoy.config.route.v3.RouteAction.HashPolicy.FilterState /policy_specifier!
envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties
  source_ip bool
envoy.config.route.v3.RouteAction.HashPolicy.Cookie
  name string length>=1
  ttl duration
  path string
  attributes []envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute
envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute
  name string length>=1 bytes<=16384 header-name
  value string bytes<=16384 header-value
envoy.config.route.v3.RouteAction.HashPolicy.FilterState
  key string length>=1
envoy.config.route.v3.RouteAction.HashPolicy.Header
  header_name string length>=1 header-name
  regex_rewrite envoy.type.matcher.v3.RegexMatchAndSubstitute
envoy.config.route.v3.RouteAction.HashPolicy.QueryParameter
  name string length>=1
envoy.config.route.v3.RouteAction.InternalRedirectAction enum
  PASS_THROUGH_INTERNAL_REDIRECT HANDLE_INTERNAL_REDIRECT
envoy.config.route.v3.RouteAction.MaxStreamDuration
  max_stream_duration duration
  grpc_timeout_header_max duration
  grpc_timeout_header_offset duration
envoy.config.route.v3.RouteAction.RequestMirrorPolicy
  cluster string
  runtime_fraction envoy.config.core.v3.RuntimeFractionalPercent
  trace_sampled bool?
  cluster_header string header-name
  disable_shadow_host_suffix_append bool
  request_headers_mutations []message items<=1000
  host_rewrite_literal string header-value
envoy.config.route.v3.RouteAction.UpgradeConfig
  upgrade_type string length>=1 header-value
  enabled bool?
  connect_config envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig
envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig
  proxy_protocol_config message
  allow_post bool
envoy.config.route.v3.RouteConfiguration
  name string
  virtual_hosts []envoy.config.route.v3.VirtualHost
  internal_only_headers []string header-name
  response_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_remove []string header-name
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  validate_clusters bool?
  request_headers_to_remove []string header-name
  vhds message
  most_specific_header_mutations_wins bool
  max_direct_response_body_size_bytes uint32?
  cluster_specifier_plugins []message
  request_mirror_policies []envoy.config.route.v3.RouteAction.RequestMirrorPolicy
  ignore_port_in_host_matching bool
  ignore_path_parameters_in_path_matching bool
  typed_per_filter_config {}any
  metadata envoy.config.core.v3.Metadata
  vhost_header string header-name
  route_specifiers []message
envoy.config.route.v3.RouteMatch
  prefix string /path_specifier!
  path string /path_specifier!
  case_sensitive bool?
  headers []envoy.config.route.v3.HeaderMatcher
  query_parameters []envoy.config.route.v3.QueryParameterMatcher
  grpc envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions
  runtime_fraction envoy.config.core.v3.RuntimeFractionalPercent
  safe_regex envoy.type.matcher.v3.RegexMatcher required /path_specifier!
  tls_context envoy.config.route.v3.RouteMatch.TlsContextMatchOptions
  connect_matcher envoy.config.route.v3.RouteMatch.ConnectMatcher /path_specifier!
  dynamic_metadata []envoy.type.matcher.v3.MetadataMatcher
  path_separated_prefix string pattern=^[^?#]+[^?#/]$ /path_specifier!
  path_match_policy envoy.config.core.v3.TypedExtensionConfig /path_specifier!
  filter_state []message
  cookies []envoy.config.route.v3.CookieMatcher
envoy.config.route.v3.RouteMatch.ConnectMatcher
envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions
envoy.config.route.v3.RouteMatch.TlsContextMatchOptions
  presented bool?
  validated bool?
envoy.config.route.v3.Tracing
  client_sampling envoy.type.v3.FractionalPercent
  random_sampling envoy.type.v3.FractionalPercent
  overall_sampling envoy.type.v3.FractionalPercent
  custom_tags []envoy.type.tracing.v3.CustomTag
  operation string
  upstream_operation string
envoy.config.route.v3.VirtualCluster
  name string length>=1
  headers []envoy.config.route.v3.HeaderMatcher
envoy.config.route.v3.VirtualHost
  name string length>=1
  domains []string items>=1 header-value
  routes []envoy.config.route.v3.Route
  require_tls envoy.config.route.v3.VirtualHost.TlsRequirementType defined
  virtual_clusters []envoy.config.route.v3.VirtualCluster
  rate_limits []envoy.config.route.v3.RateLimit
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  cors envoy.config.route.v3.CorsPolicy
  response_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_remove []string length>=1 header-name
  request_headers_to_remove []string length>=1 header-name
  include_request_attempt_count bool
  typed_per_filter_config {}any
  retry_policy envoy.config.route.v3.RetryPolicy
  hedge_policy envoy.config.route.v3.HedgePolicy
  per_request_buffer_limit_bytes uint32?
  include_attempt_count_in_response bool
  retry_policy_typed_config any
  matcher message
  request_mirror_policies []envoy.config.route.v3.RouteAction.RequestMirrorPolicy
  include_is_timeout_retry_header bool
  metadata envoy.config.core.v3.Metadata
  request_body_buffer_limit uint64?
  route_specifiers []message
envoy.config.route.v3.VirtualHost.TlsRequirementType enum
  NONE EXTERNAL_ONLY ALL
envoy.config.route.v3.WeightedCluster
  clusters []envoy.config.route.v3.WeightedCluster.ClusterWeight items>=1
  runtime_key_prefix string
  total_weight uint32?
  header_name string header-name /random_value_specifier
  use_hash_policy bool? /random_value_specifier
envoy.config.route.v3.WeightedCluster.ClusterWeight
  name string
  weight uint32? required
  metadata_match envoy.config.core.v3.Metadata
  request_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  response_headers_to_remove []string header-name
  request_headers_to_remove []string header-name
  typed_per_filter_config {}any
  host_rewrite_literal string? header-value
  cluster_header string header-name
envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig
  allowed_route_names []string
envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig
envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig
envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
  path_template string length>=1 length<=256
envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig
  path_template_rewrite string length>=1 length<=256
envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate
envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig
  metadata_match envoy.config.core.v3.Metadata
envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate
envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig
  update_frequency int32 >0
)api";

} // namespace sallyport::dataplane
