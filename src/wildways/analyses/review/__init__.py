"""The review of migration dates: one self-contained page in which a person sees, changes and saves them. Private."""

from wildways.analyses.review.page import review_page
from wildways.analyses.review.years import Review, ReviewRules, collect_review

__all__ = ["Review", "ReviewRules", "collect_review", "review_page"]
