// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/traffic_actions.h"

#include "ui/theme/panel_action.h"

#include <QAction>

namespace sallyport::traffic {

TrafficActions::TrafficActions(QWidget *panel)
{
    repeat = theme::panelAction(panel, "trafficRepeat", tr("&Repeat"), QStringLiteral("refresh"), Qt::Key_R,
                                tr("Send this request again"));
    edit = theme::panelAction(panel, "trafficEdit", tr("&Edit and repeat"), QStringLiteral("edit"), Qt::Key_E,
                              tr("Change this request before it is sent again"));
    curl = theme::panelAction(panel, "trafficCurl", tr("&Copy as curl"), QStringLiteral("copy"), Qt::Key_C,
                              tr("Copy the curl line that sends this request in the cluster"));
    yaml = theme::panelAction(panel, "trafficYaml", tr("Show in &YAML"), QStringLiteral("file"), Qt::Key_Y,
                              tr("Go to the resource that decided this request"));
    why = theme::panelAction(panel, "trafficWhy", tr("&Why"), QStringLiteral("help"), Qt::Key_W,
                             tr("Explain every decision on the way of this request"));
    compose = theme::panelAction(panel, "trafficCompose", tr("Compose"), QStringLiteral("send"), {},
                                 tr("Compose a request and send it"));
    pause = theme::panelAction(panel, "trafficPause", tr("Pause"), QStringLiteral("pause"), Qt::Key_P,
                               tr("Keep the table as it is; requests that come meanwhile are not lost"));
    pause->setCheckable(true);
    clear = theme::panelAction(panel, "trafficClear", tr("C&lear"), QStringLiteral("trash"),
                               QKeySequence(Qt::CTRL | Qt::Key_L), tr("Forget all requests"));
    newest = theme::panelAction(panel, "trafficNewest", tr("Go to the &newest"), QStringLiteral("chevron-up"),
                                Qt::Key_N, tr("Scroll to the newest request and stay there"));
    copyText =
        theme::panelAction(panel, "trafficCopyText", tr("Copy as &text"), QStringLiteral("copy"),
                           QKeySequence::Copy, tr("Copy the selected rows, columns separated by tabs"));
    copyJson = theme::panelAction(panel, "trafficCopyJson", tr("Copy as &JSON"), QStringLiteral("copy"),
                                  QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
                                  tr("Copy the selected requests with all fields of their log lines"));
    exportJson =
        theme::panelAction(panel, "trafficExportJson", tr("Export JSON &lines…"), QStringLiteral("download"),
                           {}, tr("Write the requests that the filter shows to a file, an object a line"));
    exportHar = theme::panelAction(panel, "trafficExportHar", tr("Export &HAR…"), QStringLiteral("download"),
                                   {}, tr("Write the requests that the filter shows as an HTTP archive"));
    startLab = theme::panelAction(panel, "trafficStartLab", tr("Start lab"), QStringLiteral("play"), {},
                                  tr("Start every process of the lab"));
    showAll = theme::panelAction(panel, "trafficShowAll", tr("Show everything"), QStringLiteral("filter"), {},
                                 tr("Remove the filter"));
}

QList<QAction *> TrafficActions::offered() const
{
    return {repeat, edit,   curl,     yaml,     why,        compose,  pause,
            clear,  newest, copyText, copyJson, exportJson, exportHar};
}

} // namespace sallyport::traffic
