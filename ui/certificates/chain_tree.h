// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_facts.h"
#include "ui/theme/theme.h"

#include <QStandardItemModel>
#include <QTreeView>

namespace sallyport::certificates {

/// A chain from the root down to the leaf, which is selected first; CAs that are only trusted follow.
class ChainTree : public QTreeView
{
    Q_OBJECT

public:
    explicit ChainTree(QWidget *parent = nullptr);

    /// `soonDays`: how long before its end a certificate is marked.
    void setChain(const std::vector<ChainLink> &links, TimePoint now, int soonDays);
    /// Null while the tree is empty.
    const ChainLink *current() const;

Q_SIGNALS:
    void currentLinkChanged();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void showColumns();
    /// Texts in the theme's colours of now; icons follow it by themselves.
    void colour();

    QStandardItemModel m_model;
    std::vector<ChainLink> m_links;
    std::vector<std::pair<QStandardItem *, theme::Role>> m_coloured; ///< the model's
};

} // namespace sallyport::certificates
