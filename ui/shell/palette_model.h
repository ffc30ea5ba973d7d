// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QIcon>
#include <functional>
#include <vector>

namespace sallyport::shell {

/// One thing that the palette can find.
struct PaletteEntry
{
    QString text;   ///< `Start the lab`, `DestinationRule originate-mtls-for-test-com`
    QString detail; ///< the shortcut, the file, the mesh
    QIcon icon;
    bool enabled = true;
    std::function<void()> run;
};

/// What fits what a person typed, the best first: every typed word must be in the text or the detail, or its
/// letters in their order in the text.
class PaletteModel : public QAbstractListModel
{
    Q_OBJECT

public:
    explicit PaletteModel(QObject *parent = nullptr);

    void setEntries(std::vector<PaletteEntry> entries);
    void setFilter(const QString &typed);
    const PaletteEntry &entryAt(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

    static constexpr int DetailRole = Qt::UserRole + 1;

    /// How well `typed` fits; negative: not at all.
    static int scoreOf(const PaletteEntry &entry, const QString &typed);

private:
    std::vector<PaletteEntry> m_entries;
    std::vector<std::size_t> m_shown;
    QString m_typed;
};

} // namespace sallyport::shell
