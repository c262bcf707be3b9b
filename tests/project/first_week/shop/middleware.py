import time

from django.utils.deprecation import MiddlewareMixin


class TimingMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        start = time.time()
        response = self.get_response(request)
        response["X-Took"] = str(time.time() - start)
        return response


class VersionMiddleware(MiddlewareMixin):
    def process_response(self, request, response):
        response["X-Version"] = "1"
        return response
