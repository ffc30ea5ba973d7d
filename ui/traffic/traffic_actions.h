// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QList>

class QAction;
class QWidget;

namespace sallyport::traffic {

/// What can be done with the table's requests, with names, keys and tooltips. The panel owns the actions,
/// says what they do and when they can be done.
class TrafficActions
{
    Q_DECLARE_TR_FUNCTIONS(TrafficActions)

public:
    explicit TrafficActions(QWidget *panel);

    /// All but what only the empty table offers.
    QList<QAction *> offered() const;

    // With the chosen request.
    QAction *repeat;
    QAction *edit;
    QAction *curl;
    QAction *yaml;
    QAction *why;
    // With the selected ones.
    QAction *copyText;
    QAction *copyJson;
    // With the table.
    QAction *compose;
    QAction *pause;
    QAction *clear;
    QAction *newest;
    QAction *exportJson;
    QAction *exportHar;
    // In an empty table.
    QAction *startLab;
    QAction *showAll;
};

} // namespace sallyport::traffic
