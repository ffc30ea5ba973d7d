// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_joiner.h"

#include <QHash>
#include <algorithm>

namespace sallyport::traffic {

namespace {

/// start_time and duration are cut to milliseconds.
constexpr qint64 rounding = 2'000;

quint64 hashOf(QStringView text)
{
    return text.isEmpty() ? 0 : qHash(text, std::size_t(0x9e3779b9)) | 1;
}

/// No connection is meant by an address from X-Forwarded-For, whose port is 0.
quint64 connectionHash(QStringView address)
{
    return address.endsWith(QLatin1String(":0")) ? 0 : hashOf(address);
}

} // namespace

RequestJoiner::Key RequestJoiner::keyOf(const LogLine &line, quint64 number) const
{
    Key key;
    key.number = number;
    key.startUs = line.startUs;
    key.endUs = line.endUs();
    key.id = hashOf(line.requestId);
    key.peer = connectionHash(line.peer);
    key.local = connectionHash(line.upstreamLocal);
    key.content = hashOf(line.method + QLatin1Char(' ') + line.authority + QLatin1Char(' ') + line.path);
    const QString proxy = workloadOf(line.proxy);
    const QString peer = workloadOf(line.downstreamRemote);
    const QString upstream = workloadOf(line.upstreamHost);
    key.proxy = hashOf(proxy);
    key.peerWorkload = hashOf(peer);
    key.upstreamWorkload = hashOf(upstream);
    key.needsParent = peer != proxy && m_proxies.contains(peer);
    key.passedOn = upstream != proxy && m_proxies.contains(upstream) && line.status > 0 &&
                   line.details == QLatin1String("via_upstream");
    key.failed = line.status <= 0 || line.status >= 400;
    return key;
}

void RequestJoiner::add(const LogLine &line, quint64 number, qint64 nowUs)
{
    forget(nowUs);
    const Key key = keyOf(line, number);
    quint64 group = 0;
    if (key.id != 0) {
        if (const auto it = m_byId.find(key.id); it != m_byId.end())
            group = resolve(it->second);
    }
    if (group == 0 || m_groups.find(group) == m_groups.end()) {
        group = m_nextGroup++;
        m_groups[group].firstUs = nowUs;
        m_ages.push_back({group, nowUs});
    }
    if (key.id != 0)
        m_byId[key.id] = group;
    Group &own = m_groups[group];
    own.keys.push_back(key);
    own.lastUs = nowUs;
    if (!own.changed) {
        own.changed = true;
        m_changed.push_back(group);
    }
    insert(m_content[key.content], {group, number, key.startUs, nowUs});
    group = joinParent(group, key, nowUs);
    if (key.local != 0) {
        insert(m_parents[key.local], {group, number, key.startUs, nowUs});
        joinChildren(group, key);
    }
}

/// Without the allowance for rounded times.
bool RequestJoiner::isSurelyWithin(const Key &parent, const Key &child)
{
    return child.startUs >= parent.startUs && child.startUs <= parent.endUs;
}

void RequestJoiner::insert(Lines &lines, const Ref &ref)
{
    auto at = lines.end();
    while (at != lines.begin() && (at - 1)->startUs > ref.startUs)
        --at;
    lines.insert(at, ref);
}

/// The line under way when `child` began that `accept` ranks lowest (negative: not at all). Gives up after
/// `misses` lines in a row that were over before: a busy connection has thousands.
template<typename Accept>
RequestJoiner::Key *RequestJoiner::underWay(const Lines &lines, const Key &child, int misses, Accept accept,
                                            quint64 &group)
{
    auto at = std::upper_bound(lines.begin(), lines.end(), child.startUs + rounding,
                               [](qint64 startUs, const Ref &ref) { return startUs < ref.startUs; });
    Key *best = nullptr;
    int bestRank = 0;
    for (int missed = 0; missed < misses && at != lines.begin(); ++missed) {
        --at;
        Key *parent = find(at->group, at->number);
        if (!parent || parent->number == child.number || child.startUs > parent->endUs + rounding)
            continue;
        missed = 0;
        const int rank = accept(*parent, resolve(at->group));
        if (rank < 0 || (best && rank > bestRank))
            continue;
        // Of those that fit equally, the earliest: requests on a connection follow each other in both logs.
        best = parent;
        bestRank = rank;
        group = resolve(at->group);
    }
    return best;
}

quint64 RequestJoiner::joinParent(quint64 group, const Key &child, qint64 nowUs)
{
    if (child.peer == 0)
        return group;
    Key *parent = nullptr;
    quint64 parentGroup = 0;
    if (const auto it = m_parents.find(child.peer); it != m_parents.end()) {
        const auto rank = [&child](const Key &key, quint64) {
            if (key.proxy == child.proxy || key.content != child.content)
                return -1;
            if (key.children == 0)
                return 0;
            // A further one is another attempt of the same request, or the next request on this connection.
            return key.childFailed && isSurelyWithin(key, child) ? 1 : -1;
        };
        parent = underWay(it->second, child, 16, rank, parentGroup);
    }
    if (!parent) {
        insert(m_children[child.peer], {group, child.number, child.startUs, nowUs});
        return group;
    }
    ++parent->children;
    parent->childFailed = child.failed;
    if (Key *own = find(group, child.number))
        own->hasParent = true;
    return merge(parentGroup, group);
}

void RequestJoiner::joinChildren(quint64 group, const Key &parent)
{
    const auto it = m_children.find(parent.local);
    if (it == m_children.end())
        return;
    Lines &waiting = it->second;
    const auto from = std::lower_bound(waiting.begin(), waiting.end(), parent.startUs - rounding,
                                       [](const Ref &ref, qint64 startUs) { return ref.startUs < startUs; });
    std::vector<std::pair<Ref, Key>> candidates;
    for (auto at = from; at != waiting.end() && at->startUs <= parent.endUs + rounding; ++at) {
        const Key *child = find(at->group, at->number);
        if (child && child->proxy != parent.proxy && child->content == parent.content)
            candidates.emplace_back(*at, *child);
    }
    int chosen = 0;
    bool failed = true;
    for (const auto &[ref, child] : candidates) {
        if (chosen > 0 && !(failed && isSurelyWithin(parent, child)))
            break;
        ++chosen;
        failed = child.failed;
        if (Key *own = find(ref.group, ref.number))
            own->hasParent = true;
        std::erase_if(waiting, [number = ref.number](const Ref &other) { return other.number == number; });
        group = merge(group, resolve(ref.group));
    }
    if (Key *own = find(group, parent.number); own && chosen > 0) {
        own->children += chosen;
        own->childFailed = failed;
    }
    if (waiting.empty())
        m_children.erase(it);
}

/// What nothing surer has joined: over the same connection, but with a path or host that was rewritten on the
/// way; or with the same path, but over another connection. Causes are sought for the lines of groups that
/// join, too.
quint64 RequestJoiner::joinTheRest(quint64 group)
{
    QSet<quint64> asked;
    for (std::optional<Key> child; (child = nextLackingCause(group, asked));) {
        quint64 parentGroup = 0;
        Key *parent = nullptr;
        if (const auto it = m_parents.find(child->peer); child->peer != 0 && it != m_parents.end()) {
            const auto rank = [&child, group](const Key &key, quint64 other) {
                return other != group && key.proxy != child->proxy && key.children == 0 ? 0 : -1;
            };
            parent = underWay(it->second, *child, 16, rank, parentGroup);
        }
        if (const auto it = m_content.find(child->content); !parent && it != m_content.end()) {
            const auto rank = [&child, group](const Key &key, quint64 other) {
                return other != group && key.children == 0 && key.proxy == child->peerWorkload &&
                               (key.upstreamWorkload == 0 || key.upstreamWorkload == child->proxy)
                           ? 0
                           : -1;
            };
            parent = underWay(it->second, *child, 256, rank, parentGroup);
        }
        if (!parent)
            continue;
        ++parent->children;
        if (Key *own = find(group, child->number))
            own->hasParent = true;
        group = merge(parentGroup, group);
    }
    return group;
}

/// A line of the group without the line that caused it; each is given once.
std::optional<RequestJoiner::Key> RequestJoiner::nextLackingCause(quint64 group, QSet<quint64> &given) const
{
    const Group &own = m_groups.at(group);
    for (const Key &key : own.keys) {
        if (!given.contains(key.number) && lacksCause(own, key)) {
            given.insert(key.number);
            return key;
        }
    }
    return std::nullopt;
}

quint64 RequestJoiner::merge(quint64 a, quint64 b)
{
    if (a == b)
        return a;
    // The one that a person may already look at stays.
    if (m_groups[a].row == 0 && m_groups[b].row != 0)
        std::swap(a, b);
    Group &into = m_groups[a];
    Group from = std::move(m_groups[b]);
    m_groups.erase(b);
    m_mergedInto[b] = a;
    into.keys.insert(into.keys.end(), from.keys.begin(), from.keys.end());
    into.absorbedRows.insert(into.absorbedRows.end(), from.absorbedRows.begin(), from.absorbedRows.end());
    if (from.row != 0)
        into.absorbedRows.push_back(from.row);
    into.firstUs = std::min(into.firstUs, from.firstUs);
    into.lastUs = std::max(into.lastUs, from.lastUs);
    if (!into.changed) {
        into.changed = true;
        m_changed.push_back(a);
    }
    return a;
}

/// It came from a proxy whose line is not here. One with the same id can be, without a connection to tell.
bool RequestJoiner::lacksCause(const Group &group, const Key &key)
{
    return key.needsParent && !key.hasParent &&
           std::none_of(group.keys.begin(), group.keys.end(), [&key](const Key &other) {
               return other.upstreamWorkload == key.proxy && other.number != key.number;
           });
}

bool RequestJoiner::isComplete(const Group &group, qint64 nowUs)
{
    if (nowUs - group.firstUs >= patience)
        return true;
    return std::none_of(group.keys.begin(), group.keys.end(), [&group](const Key &key) {
        const bool nextIsHere =
            key.children > 0 || std::any_of(group.keys.begin(), group.keys.end(), [&key](const Key &other) {
                return other.proxy == key.upstreamWorkload;
            });
        return lacksCause(group, key) || (key.passedOn && !nextIsHere);
    });
}

std::vector<RequestJoiner::Update> RequestJoiner::take(qint64 nowUs, bool all)
{
    const std::vector<quint64> changed = std::move(m_changed);
    m_changed.clear();
    std::vector<quint64> complete;
    for (const quint64 id : changed) {
        // A group that was merged away is told with the one that it went into.
        const auto it = m_groups.find(id);
        if (it == m_groups.end() || !it->second.changed)
            continue;
        const bool waits = !all && it->second.row == 0 && !isComplete(it->second, nowUs);
        (waits ? m_changed : complete).push_back(id);
    }
    // Before any is told: a group that others join is one row.
    for (const quint64 id : complete)
        joinTheRest(resolve(id));
    std::vector<Update> updates;
    for (const quint64 id : complete) {
        Group &group = m_groups[resolve(id)];
        if (!group.changed)
            continue;
        group.changed = false;
        Update update;
        update.group = resolve(id);
        update.row = group.row;
        for (const Key &key : group.keys)
            update.lines.push_back(key.number);
        update.absorbedRows = std::move(group.absorbedRows);
        group.absorbedRows.clear();
        updates.push_back(std::move(update));
    }
    return updates;
}

void RequestJoiner::setRow(quint64 group, quint64 row)
{
    if (const auto it = m_groups.find(group); it != m_groups.end())
        it->second.row = row;
}

quint64 RequestJoiner::firstWaitingLine(quint64 none) const
{
    quint64 first = none;
    for (const quint64 id : m_changed) {
        if (const auto it = m_groups.find(id); it != m_groups.end()) {
            for (const Key &key : it->second.keys)
                first = std::min(first, key.number);
        }
    }
    return first;
}

void RequestJoiner::forget(qint64 nowUs)
{
    while (!m_ages.empty() && nowUs - m_ages.front().sinceUs >= memory) {
        const quint64 id = m_ages.front().group;
        m_ages.pop_front();
        const auto it = m_groups.find(id);
        if (it == m_groups.end()) {
            m_mergedInto.erase(id);
        } else if (it->second.changed || nowUs - it->second.lastUs < memory) {
            m_ages.push_back({id, nowUs});
        } else {
            for (const Key &key : it->second.keys)
                m_byId.erase(key.id);
            m_groups.erase(it);
        }
    }
    constexpr qint64 sweepEvery = 1'000'000;
    if (nowUs - m_sweptUs < sweepEvery)
        return;
    m_sweptUs = nowUs;
    for (Index *index : {&m_parents, &m_children, &m_content}) {
        for (auto it = index->begin(); it != index->end();) {
            std::erase_if(it->second, [nowUs](const Ref &ref) { return nowUs - ref.addedUs >= memory; });
            it = it->second.empty() ? index->erase(it) : std::next(it);
        }
    }
}

void RequestJoiner::clear()
{
    const QSet<QString> proxies = m_proxies;
    const quint64 next = m_nextGroup;
    *this = RequestJoiner();
    m_proxies = proxies;
    m_nextGroup = next;
}

quint64 RequestJoiner::resolve(quint64 group) const
{
    for (auto it = m_mergedInto.find(group); it != m_mergedInto.end(); it = m_mergedInto.find(group))
        group = it->second;
    return group;
}

RequestJoiner::Key *RequestJoiner::find(quint64 group, quint64 number)
{
    const auto it = m_groups.find(resolve(group));
    if (it == m_groups.end())
        return nullptr;
    for (Key &key : it->second.keys) {
        if (key.number == number)
            return &key;
    }
    return nullptr;
}

} // namespace sallyport::traffic
