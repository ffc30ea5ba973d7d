// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/log_line.h"

#include <QSet>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sallyport::traffic {

/// Finds out which log lines belong to one request, as they come, in any order:
/// - lines with the same x-request-id, which sidecars keep;
/// - the line of a proxy that a connection came from and the line of the one that it went to: gateways give
///   the request a new id, but both ends of the connection are in the two lines, and the later request
///   began while the earlier one was under way, for the same method, host and path;
/// - after a moment, when nothing surer came: over one connection, where a route rewrote the path; or for one
///   path at the two proxies that name each other, where a Service's address stands between them, so that no
///   port is the same.
/// A line stands alone for as long as nothing joins it. A request whose lines are obviously not all there is
/// held back for a moment, so that rows seldom change afterwards.
class RequestJoiner
{
public:
    /// How long a line without the line that caused it is kept waiting, and how long a request takes late
    /// lines; µs of receivedUs.
    static constexpr qint64 patience = 1'500'000;
    static constexpr qint64 memory = 10'000'000;

    /// A request of which something is new.
    struct Update
    {
        quint64 group = 0;
        quint64 row = 0;                   ///< as told by setRow(); 0: it has none yet
        std::vector<quint64> lines;        ///< all of its lines
        std::vector<quint64> absorbedRows; ///< rows that turned out to be parts of it
    };

    /// Workloads that have a proxy: lines that come from one of them are caused by a line of it. Unknown
    /// workloads (an application without a sidecar) cause nothing.
    void setProxies(const QSet<QString> &workloads) { m_proxies = workloads; }

    /// `number` is the caller's name for the line.
    void add(const LogLine &line, quint64 number, qint64 nowUs);
    /// What changed and is complete as far as can be told; with `all`, everything that changed.
    std::vector<Update> take(qint64 nowUs, bool all = false);
    void setRow(quint64 group, quint64 row);
    /// Something is held back: take() again soon.
    bool isWaiting() const { return !m_changed.empty(); }
    /// The lowest line number that take() has not handed out yet.
    quint64 firstWaitingLine(quint64 none) const;
    void clear();

private:
    struct Key
    {
        quint64 number = 0;
        qint64 startUs = 0;
        qint64 endUs = 0;
        quint64 id = 0; ///< hashes; 0: there is none
        quint64 peer = 0;
        quint64 local = 0;
        quint64 content = 0;
        quint64 proxy = 0;
        quint64 peerWorkload = 0;
        quint64 upstreamWorkload = 0;
        int children = 0;
        bool hasParent = false;
        bool needsParent = false; ///< it came from a workload with a proxy
        bool passedOn = false;    ///< via_upstream to a workload with a proxy: that one's line must come
        bool failed = false;      ///< another attempt may have followed
        bool childFailed = false; ///< of the last of its children
    };
    struct Group
    {
        std::vector<Key> keys;
        std::vector<quint64> absorbedRows;
        quint64 row = 0;
        qint64 firstUs = 0;
        qint64 lastUs = 0;
        bool changed = false;
    };
    struct Ref
    {
        quint64 group;
        quint64 number;
        qint64 startUs;
        qint64 addedUs;
    };
    /// Lines by something that they have in common, each list by startUs.
    using Lines = std::vector<Ref>;
    using Index = std::unordered_map<quint64, Lines>;

    Key keyOf(const LogLine &line, quint64 number) const;
    quint64 resolve(quint64 group) const;
    Key *find(quint64 group, quint64 number);
    quint64 merge(quint64 a, quint64 b);
    quint64 joinParent(quint64 group, const Key &child, qint64 nowUs);
    void joinChildren(quint64 group, const Key &parent);
    quint64 joinTheRest(quint64 group);
    std::optional<Key> nextLackingCause(quint64 group, QSet<quint64> &given) const;
    static bool isSurelyWithin(const Key &parent, const Key &child);
    static bool lacksCause(const Group &group, const Key &key);
    static bool isComplete(const Group &group, qint64 nowUs);
    void forget(qint64 nowUs);
    static void insert(Lines &lines, const Ref &ref);
    template<typename Accept>
    Key *underWay(const Lines &lines, const Key &child, int misses, Accept accept, quint64 &group);

    QSet<QString> m_proxies;
    std::unordered_map<quint64, Group> m_groups;
    std::unordered_map<quint64, quint64> m_mergedInto;
    std::unordered_map<quint64, quint64> m_byId;
    Index m_parents;  ///< by the connection that they opened
    Index m_children; ///< by the connection that they came over; without a parent yet
    Index m_content;  ///< by method, host and path
    std::vector<quint64> m_changed;
    struct Age
    {
        quint64 group;
        qint64 sinceUs;
    };
    std::deque<Age> m_ages;
    qint64 m_sweptUs = 0;
    quint64 m_nextGroup = 1;
};

} // namespace sallyport::traffic
