// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// What the admin interface shows of a configuration, in the order in which it does.
const std::string_view adminApi = R"api(
envoy.admin.v3.BootstrapConfigDump
  bootstrap envoy.config.bootstrap.v3.Bootstrap
  last_updated message
envoy.admin.v3.ClustersConfigDump
  version_info string
  static_clusters []envoy.admin.v3.ClustersConfigDump.StaticCluster
envoy.admin.v3.ClustersConfigDump.StaticCluster
  cluster any
  last_updated message
envoy.admin.v3.EndpointsConfigDump
  static_endpoint_configs []envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig
envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig
  endpoint_config any
  last_updated message
envoy.admin.v3.ListenersConfigDump
  version_info string
  static_listeners []envoy.admin.v3.ListenersConfigDump.StaticListener
envoy.admin.v3.ListenersConfigDump.StaticListener
  listener any
  last_updated message
envoy.admin.v3.RoutesConfigDump
  static_route_configs []envoy.admin.v3.RoutesConfigDump.StaticRouteConfig
envoy.admin.v3.RoutesConfigDump.StaticRouteConfig
  route_config any
  last_updated message
envoy.admin.v3.SecretsConfigDump
  static_secrets []envoy.admin.v3.SecretsConfigDump.StaticSecret
  dynamic_active_secrets []envoy.admin.v3.SecretsConfigDump.DynamicSecret
  dynamic_warming_secrets []envoy.admin.v3.SecretsConfigDump.DynamicSecret
envoy.admin.v3.SecretsConfigDump.DynamicSecret
  name string
  version_info string
  last_updated message
  secret any
envoy.admin.v3.SecretsConfigDump.StaticSecret
  name string
  last_updated message
  secret any
)api";

} // namespace sallyport::dataplane
