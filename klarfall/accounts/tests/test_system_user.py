"""The built-in user *System* exists after the migrations and cannot sign in."""

import pytest
from django.db import IntegrityError

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import roles_of


def test_the_worker_has_somebody_to_act_as(db):
    system = User.objects.system()
    assert system.is_active
    assert not system.has_usable_password()
    assert roles_of(system) == {"system"}


def test_there_is_only_one(db):
    with pytest.raises(IntegrityError):
        User.objects.create_user("second@klarfall.invalid", name="Second", kind=Kind.SYSTEM)
