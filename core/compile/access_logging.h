// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/mesh_context.h"
#include "core/dataplane/access_log.h"

namespace sallyport::compile {

/// Which side of a workload a log is for: a gateway and a sidecar's outbound are clients.
enum class LogSide { Client, Server };

/// The Telemetry resources that hold for a workload: the mesh's and its namespace's oldest, then all that
/// select it, oldest first (istio:pilot/pkg/model/telemetry.go).
std::vector<const model::Telemetry *> telemetriesFor(const MeshContext &mesh, const Instance &instance);

/// Whether what a Telemetry says for this mode holds on this side.
bool isForSide(model::Telemetry::LogMode mode, LogSide side);

/// The access logs of one proxy, from MeshConfig and Telemetry (istio:pilot/pkg/model/telemetry.go). All of
/// them write the instance's one file.
std::vector<dataplane::AccessLog> accessLogs(const MeshContext &mesh, const Instance &instance, LogSide side);

/// The providers of logs that are no file: their lines go to a service, and so nowhere in a lab.
std::vector<std::string> logsSentElsewhere(const MeshContext &mesh, const Instance &instance, LogSide side);

/// The same logs limited to connections for which no filter chain was found: what a listener itself logs.
std::vector<dataplane::AccessLog> listenerAccessLogs(const MeshContext &mesh, const Instance &instance,
                                                     LogSide side);

/// Istio's default text format.
extern const char *const defaultTextFormat;

} // namespace sallyport::compile
