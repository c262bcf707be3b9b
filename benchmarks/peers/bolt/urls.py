"""No views: the routes are those of BOLT_API."""

urlpatterns = []
