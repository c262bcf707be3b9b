from django.core.management.base import BaseCommand, CommandError

from shop.models import Product


class Command(BaseCommand):
    help = "Add stock to products"

    def add_arguments(self, parser):
        parser.add_argument("ids", nargs="+", type=int)
        parser.add_argument("--count", type=int, default=1)

    def handle(self, *args, **options):
        for id in options["ids"]:
            try:
                product = Product.objects.get(pk=id)
            except Product.DoesNotExist:
                raise CommandError('Product "%s" does not exist' % id)
            product.stock += options["count"]
            product.save()
            self.stdout.write(self.style.SUCCESS('Restocked "%s"' % product))
