// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/fields.h"
#include "core/model/mesh.h"

/// One function a kind: its spec from YAML. The Resource part is filled in already.
namespace sallyport::model {

/// A resource's `spec`; what is wrong in it is reported through the fields, with its place.
void decode(Fields &spec, ServiceEntry &entry);
void decode(Fields &spec, WorkloadEntry &entry);
void decode(Fields &spec, Gateway &gateway);
void decode(Fields &spec, VirtualService &service);
void decode(Fields &spec, DestinationRule &rule);
void decode(Fields &spec, Sidecar &sidecar);
void decode(Fields &spec, AuthorizationPolicy &policy);
void decode(Fields &spec, PeerAuthentication &policy);
void decode(Fields &spec, RequestAuthentication &policy);
void decode(Fields &spec, Telemetry &telemetry);
void decode(Fields &spec, ProxyConfig &config);

// Kubernetes kinds have more than a spec: these get the whole object.
void decodeObject(Fields &object, Service &service);
void decodeObject(Fields &object, Workload &workload);
void decodeObject(Fields &object, Secret &secret);
void decodeObject(Fields &object, ConfigMap &map);

/// Reports what is wrong in an EnvoyFilter's spec; its values are Envoy's and are looked at when it is
/// applied.
void checkEnvoyFilter(Fields &spec);

/// Messages that stand in several resources.
void decodeDestination(Fields &fields, Destination &destination);
void decodeLocality(Fields &fields, LocalityLb &locality);
void decodeZoneAware(Fields &fields, ZoneAwareSetting &setting);
void decodeOutboundMode(Fields &fields, OutboundMode &mode);
void decodeTrafficPolicy(Fields &fields, TrafficPolicy &policy);
void decodeConnectionPool(Fields &fields, ConnectionPool &pool);
void decodeRetry(Fields &fields, HttpRetry &retry);

void decodeExtensionProvider(Fields &fields, ExtensionProvider &provider);
/// istio.mesh.v1alpha1.ProxyConfig, over what `config` has of it.
void decodeProxyConfig(Fields &fields, MeshConfig &config);
/// Reports what is wrong in a pod's ProxyConfig.
void checkProxyConfig(const yaml::Node &annotation, const DecodeContext &context);

/// MeshConfig from ConfigMap `istio`, key `mesh`.
MeshConfig decodeMeshConfig(const ConfigMap &map, const DecodeContext &context);

} // namespace sallyport::model
