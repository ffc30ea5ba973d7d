// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(unsigned char *data, std::size_t size, std::size_t mostSize);

/// Changes a JSON document as JSON, so that what is behind the reader is reached: values are exchanged, taken
/// out, put in under the names that the format knows, or replaced by what is at the edge.
class JsonMutation
{
public:
    JsonMutation(unsigned seed, const std::vector<std::string> &names)
        : m_random(seed)
        , m_names(names)
    {
    }

    /// `donor` gives the values that are put in.
    QJsonObject mutated(const QJsonObject &document, const QJsonObject &donor)
    {
        m_pool.clear();
        collect(donor);
        m_left = below(static_cast<unsigned>(count(document)));
        return changed(document).toObject();
    }
    unsigned below(unsigned bound) { return bound == 0 ? 0 : m_random() % bound; }

private:
    static std::size_t count(const QJsonValue &value)
    {
        std::size_t sum = 1;
        if (value.isArray()) {
            for (const QJsonValue &item : value.toArray())
                sum += count(item);
        } else if (value.isObject()) {
            for (const QJsonValue &item : value.toObject())
                sum += count(item);
        }
        return sum;
    }
    void collect(const QJsonValue &value)
    {
        m_pool.push_back(value);
        if (value.isArray()) {
            for (const QJsonValue &item : value.toArray())
                collect(item);
        } else if (value.isObject()) {
            for (const QJsonValue &item : value.toObject())
                collect(item);
        }
    }
    QJsonValue pooled() { return m_pool[below(static_cast<unsigned>(m_pool.size()))]; }
    QString name() { return QString::fromStdString(m_names[below(static_cast<unsigned>(m_names.size()))]); }

    /// The value in which the m_left'th value was changed; undefined: that one is to be taken out.
    QJsonValue changed(const QJsonValue &value)
    {
        if (m_left-- == 0)
            return replaced(value);
        if (value.isArray()) {
            QJsonArray array = value.toArray();
            for (qsizetype i = 0; i < array.size() && m_left < Done; ++i) {
                const QJsonValue item = changed(array.at(i));
                if (item.isUndefined()) {
                    array.removeAt(i);
                    break;
                }
                array[i] = item;
            }
            return array;
        }
        if (value.isObject()) {
            QJsonObject object = value.toObject();
            const QStringList keys = object.keys();
            for (const QString &key : keys) {
                if (m_left >= Done)
                    break;
                const QJsonValue item = changed(object.value(key));
                if (item.isUndefined()) {
                    object.remove(key);
                    break;
                }
                object[key] = item;
            }
            return object;
        }
        return value;
    }
    QJsonValue replaced(const QJsonValue &value)
    {
        switch (below(6)) {
        case 0:
            return pooled();
        case 1:
            return QJsonValue(QJsonValue::Undefined);
        case 2:
            return atTheEdge();
        default:
            break;
        }
        if (value.isObject()) {
            QJsonObject object = value.toObject();
            object[name()] = below(2) == 0 ? pooled() : atTheEdge();
            return object;
        }
        if (value.isArray()) {
            QJsonArray array = value.toArray();
            array.append(array.isEmpty() || below(2) == 0 ? pooled() : array.at(0));
            return array;
        }
        return value.isString() ? QJsonValue(otherText(value.toString())) : atTheEdge();
    }
    QJsonValue atTheEdge()
    {
        static const QJsonValue values[] = {
            QJsonValue(),
            true,
            0,
            -1,
            1,
            65536,
            4294967295.0,
            4294967296.0,
            9223372036854775807.0,
            1e300,
            0.5,
            QStringLiteral(""),
            QStringLiteral("0s"),
            QStringLiteral("-1s"),
            QStringLiteral("0.000000001s"),
            QStringLiteral("9223372037s"),
            QStringLiteral("315576000000s"),
            QStringLiteral("18446744073709551615"),
            QStringLiteral("*"),
            QStringLiteral("%REQ(:path)%"),
            QStringLiteral("(a*)*b"),
            QStringLiteral("/"),
            QStringLiteral("0.0.0.0"),
            QStringLiteral("::1"),
            QJsonObject(),
            QJsonArray(),
        };
        return values[below(std::size(values))];
    }
    QString otherText(const QString &text)
    {
        if (below(4) == 0)
            return name();
        std::string bytes = text.toStdString();
        const std::size_t size = bytes.size();
        bytes.resize(size + 16);
        bytes.resize(LLVMFuzzerMutate(reinterpret_cast<unsigned char *>(bytes.data()), size, bytes.size()));
        return QString::fromStdString(bytes);
    }

    static constexpr std::size_t Done = static_cast<std::size_t>(-1) / 2;

    std::minstd_rand m_random;
    const std::vector<std::string> &m_names;
    std::vector<QJsonValue> m_pool;
    std::size_t m_left = 0; ///< values before the one to change; wraps around behind it
};

/// For LLVMFuzzerCustomMutator and, with another document as `donor`, LLVMFuzzerCustomCrossOver.
inline std::size_t mutateJson(unsigned char *data, std::size_t size, std::size_t mostSize, unsigned seed,
                              const QByteArray &donor, const std::vector<std::string> &names)
{
    JsonMutation mutation(seed, names);
    const QJsonDocument document = QJsonDocument::fromJson(
        QByteArray::fromRawData(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size)));
    if (!document.isObject() || mutation.below(8) == 0)
        return LLVMFuzzerMutate(data, size, mostSize);
    const QJsonDocument other = QJsonDocument::fromJson(donor);
    QJsonObject object = document.object();
    for (unsigned i = 0; i <= mutation.below(3); ++i)
        object = mutation.mutated(object, other.isObject() ? other.object() : object);
    const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact);
    if (static_cast<std::size_t>(text.size()) > mostSize)
        return LLVMFuzzerMutate(data, size, mostSize);
    std::memcpy(data, text.constData(), static_cast<std::size_t>(text.size()));
    return static_cast<std::size_t>(text.size());
}
