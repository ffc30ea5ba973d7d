// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/placement.h"
#include "core/compile/secrets.h"
#include "core/dataplane/bootstrap.h"
#include "core/model/project.h"

namespace sallyport::compile {

/// One proxy's configuration, made from a project's YAML.
struct CompiledProxy
{
    std::string name; ///< full name of its workload instance
    std::string mesh;
    std::string nameSpace;
    std::string workload; ///< `sleep`, further replicas `sleep-1`
    bool gateway = false;
    dataplane::Bootstrap bootstrap;
    std::vector<SecretFile> secrets;
    std::string logFormat; ///< the format string of its text access log; empty: JSON, or no log
    bool logs = false;     ///< there is an access log
    std::optional<std::uint32_t> concurrency; ///< worker threads; 0: one for each core
};

/// What became of a project.
struct CompiledProject
{
    std::vector<CompiledProxy> proxies; ///< by mesh, namespace and name
    std::vector<Error> errors;          ///< what could not be compiled; the proxies concerned are still there
    std::vector<Error> warnings;        ///< what was left out or replaced as istiod would, with its place
};

/// Istio resources → one Envoy bootstrap per workload instance with a proxy, with istiod's own names and
/// values and with the addresses of `placement`. Works without any network and leaves no trace.
CompiledProject compileProject(const model::Project &project, const Placement &placement);

/// One mesh only.
void compileMesh(const model::Mesh &whole, const Placement &placement, CompiledProject &into);

} // namespace sallyport::compile
