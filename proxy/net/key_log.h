// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/dataplane/value_matchers.h"
#include "core/result/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net {

/// A file of TLS secrets in NSS's key log format, with which Wireshark reads what was captured. Whoever may
/// read it can read the connections: the file is its owner's alone. Thread-safe.
class KeyLog
{
public:
    static Result<std::shared_ptr<const KeyLog>> open(const dataplane::TlsKeyLog &configuration);
    ~KeyLog();
    KeyLog(const KeyLog &) = delete;
    KeyLog &operator=(const KeyLog &) = delete;

    /// A line of the connection on this descriptor, if its addresses are among those asked for.
    void write(int fd, std::string_view line) const;
    /// All of the process: what lies at a path now is written from now on. What cannot be opened goes on
    /// being written where it was.
    static void reopenAll();

private:
    explicit KeyLog(const dataplane::TlsKeyLog &configuration);

    void reopen() const;

    std::string m_path;
    std::vector<dataplane::CompiledRange> m_local;
    std::vector<dataplane::CompiledRange> m_remote;
    int m_file = -1;
};

} // namespace sallyport::net
