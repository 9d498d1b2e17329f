from django.urls import path

from .views import (
    defects,
    demand,
    gifts,
    handovers,
    instruments,
    intake,
    kits,
    labels,
    places,
    requests,
    reservations,
    shipments,
    stocktakes,
    values,
)

app_name = "depot"
urlpatterns = [
    path("depot/", instruments.instruments, name="instruments"),
    path("depot/instruments.csv", instruments.export, name="export"),
    path("depot/find/", instruments.find, name="find"),
    path("depot/take-in/", intake.take_in, name="take_in"),
    path("depot/lists/", intake.list_upload, name="list_upload"),
    path("depot/lists/<uuid:pk>/", intake.list_preview, name="list_preview"),
    path("depot/labels/", intake.labels, name="labels"),
    path("depot/issue/", handovers.issue, name="issue"),
    path("depot/give-back/", handovers.give_back, name="give_back"),
    path("depot/take-back/", handovers.take_back, name="take_back"),
    path("depot/instruments/<uuid:uid>/", instruments.instrument, name="instrument"),
    path("depot/instruments/<uuid:uid>/lend/", handovers.lend, name="lend"),
    path("depot/instruments/<uuid:uid>/retire/", handovers.retire, name="retire"),
    path("depot/handovers/<uuid:pk>/", handovers.handover, name="handover"),
    # reservations
    path("depot/reservations/", reservations.reservations, name="reservations"),
    path("depot/reservations/new/", reservations.reserve, name="reserve"),
    path("depot/reservations/<uuid:pk>/", reservations.reservation, name="reservation"),
    # places and owners
    path("depot/move/", places.move, name="move"),
    path("depot/shelf-labels/", places.shelf_labels, name="shelf_labels"),
    path("depot/home/", places.home_rules, name="home_rules"),
    path("depot/instruments/<uuid:uid>/owner/", places.change_owner, name="change_owner"),
    # values
    path("depot/values/", values.overview, name="values"),
    path("depot/values/rules/", values.value_rules, name="value_rules"),
    path("depot/values/instruments.<str:form>", values.insurer_list, name="insurer_list"),
    path("depot/instruments/<uuid:uid>/value/", values.value, name="value"),
    # gifts
    path("depot/gifts/", gifts.gifts, name="gifts"),
    path("depot/gifts/new/", gifts.new_gift, name="new_gift"),
    path("depot/gifts/<uuid:gift>/", gifts.gift, name="gift"),
    path("depot/donors/<uuid:donor>/link/", gifts.donor_link, name="donor_link"),
    path("depot/donors/<uuid:donor>/link/revoke/", gifts.revoke_link, name="revoke_link"),
    # kits
    path("depot/instruments/<uuid:uid>/kit/", kits.kit, name="kit"),
    # labels printed ahead
    path("depot/labels/ahead/", labels.ahead, name="labels_ahead"),
    path("depot/labels/<str:tag>/claim/", labels.claim, name="claim_label"),
    # stocktakes
    path("depot/stocktakes/", stocktakes.stocktakes, name="stocktakes"),
    path("depot/stocktakes/new/", stocktakes.open_stocktake, name="open_stocktake"),
    path("depot/stocktakes/scans/", stocktakes.scans, name="stocktake_scans"),
    path("depot/stocktakes/<uuid:pk>/", stocktakes.stocktake, name="stocktake"),
    path("depot/stocktakes/<uuid:pk>/expected/", stocktakes.expected, name="stocktake_expected"),
    path("depot/stocktakes/<uuid:pk>/phone/", stocktakes.phone, name="stocktake_phone"),
    path("depot/stocktakes/<uuid:pk>/phones/<uuid:device>/", stocktakes.write_off_phone, name="write_off_phone"),
    path("depot/stocktakes/<uuid:pk>/finish/", stocktakes.finish, name="finish_stocktake"),
    path("depot/stocktakes/<uuid:pk>/results/", stocktakes.results, name="stocktake_results"),
    path("depot/stocktakes/<uuid:pk>/results.csv", stocktakes.export, name="stocktake_export"),
    path("depot/stocktakes/<uuid:pk>/lost/", stocktakes.lost, name="stocktake_lost"),
    # requests and shipments
    path("depot/requests/", requests.requests, name="requests"),
    path("depot/requests/new/", requests.ask, name="ask"),
    path("depot/requests/<uuid:pk>/", requests.request_page, name="request"),
    path("depot/reservations/<uuid:pk>/send/", shipments.send, name="send"),
    path("depot/shipments/", shipments.shipments, name="shipments"),
    path("depot/shipments/<uuid:pk>/", shipments.shipment, name="shipment"),
    path("depot/loans/", shipments.loans, name="loans"),
    path("depot/freight/", shipments.freight, name="freight"),
    # what is wrong
    path("depot/instruments/<uuid:uid>/report/", defects.report, name="report"),
    path("depot/defects/<uuid:pk>/", defects.defect, name="defect"),
    path("depot/defects/<uuid:pk>/photo/", defects.photo_of_defect, name="photo_of_defect"),
    path("depot/defects/<uuid:pk>/photo.jpg", defects.defect_photo, name="defect_photo"),
    path("depot/defects/<uuid:pk>/withdraw/", defects.withdraw_defect, name="withdraw_defect"),
    # what will be needed, what can be spared
    path("depot/outlook/", demand.outlook, name="outlook"),
    path("depot/surplus/", demand.surplus, name="surplus"),
    # What the code on a label opens: short, because it is printed small.
    path("i/<str:tag>", instruments.tag, name="tag"),
]
