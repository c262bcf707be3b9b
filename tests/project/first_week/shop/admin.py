from django.contrib import admin

from .models import Category, Product, Profile, Tag


class ProductInline(admin.TabularInline):
    model = Product
    extra = 1
    fields = ["name", "price"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ProductInline]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("name", "category", "price", "cheap")
    list_filter = ["status", "category"]
    search_fields = ["name"]
    readonly_fields = ["pub_date"]
    fieldsets = [(None, {"fields": ["name", "category"]}), ("Sale", {"fields": ["price", "stock"]})]
    actions = ["publish"]

    def cheap(self, obj):
        return obj.price < 10

    cheap.boolean = True
    cheap.short_description = "Cheap?"

    @admin.action(description="Publish selected products")
    def publish(self, request, queryset):
        updated = queryset.update(status=Product.Status.PUBLISHED)
        self.message_user(request, f"{updated} products were published.")

    def get_queryset(self, request):
        qs = super().get_queryset(request)
        if request.user.is_superuser:
            return qs
        return qs.filter(status="published")


admin.site.register(Tag)
admin.site.register(Profile)
