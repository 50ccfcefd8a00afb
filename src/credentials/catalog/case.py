"""Frameworks in the words of CASE 1.1 (1EdTech Competencies and Academic Standards Exchange). Pure."""

from typing import Any

from credentials.catalog.model import FrameworkItem, FrameworkRecord

PATH = "/ims/case/v1p1"


def _uri(base_url: str, kind: str, identifier: str) -> str:
    return identifier if "://" in identifier else f"{base_url}{PATH}/{kind}/{identifier}"


def _changed(record: FrameworkRecord) -> str:
    return record.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def cf_document(record: FrameworkRecord, base_url: str) -> dict[str, Any]:
    """The CFDocument: what the framework says of itself."""
    framework = record.framework
    return {
        "identifier": framework.identifier,
        "uri": _uri(base_url, "CFDocuments", framework.identifier),
        "creator": framework.creator,
        "title": framework.title,
        "lastChangeDateTime": _changed(record),
        "publisher": framework.publisher,
        "description": framework.description,
        "version": framework.version,
        "language": framework.language,
        "adoptionStatus": framework.adoption_status,
        "CFPackageURI": {
            "title": framework.title,
            "identifier": record.id,
            "uri": f"{base_url}{PATH}/CFPackages/{record.id}",
        },
    }


def _item(record: FrameworkRecord, item: FrameworkItem, base_url: str) -> dict[str, Any]:
    return {
        "identifier": item.identifier,
        "uri": _uri(base_url, "CFItems", item.identifier),
        "fullStatement": item.full_statement,
        "humanCodingScheme": item.human_coding_scheme,
        "CFItemType": item.item_type,
        "language": record.framework.language,
        "notes": item.notes,
        "lastChangeDateTime": _changed(record),
        "CFDocumentURI": {
            "title": record.framework.title,
            "identifier": record.framework.identifier,
            "uri": _uri(base_url, "CFDocuments", record.framework.identifier),
        },
    }


def cf_item(record: FrameworkRecord, identifier: str, base_url: str) -> dict[str, Any]:
    """One CFItem. Raises ``StopIteration`` for an identifier that is not of this framework."""
    return _item(record, next(item for item in record.framework.items if item.identifier == identifier), base_url)


def cf_package(record: FrameworkRecord, base_url: str) -> dict[str, Any]:
    """The CFPackage: document, items, and an isChildOf association for every item that has a parent."""
    items = {item.identifier: item for item in record.framework.items}
    return {
        "CFDocument": cf_document(record, base_url),
        "CFItems": [_item(record, item, base_url) for item in record.framework.items],
        "CFAssociations": [
            {
                "identifier": f"{item.identifier}-isChildOf",
                "uri": f"{_uri(base_url, 'CFAssociations', item.identifier)}-isChildOf",
                "associationType": "isChildOf",
                "sequenceNumber": place,
                "originNodeURI": _link(item, base_url),
                "destinationNodeURI": _link(items[item.parent], base_url),
                "lastChangeDateTime": _changed(record),
            }
            for place, item in enumerate(record.framework.items, start=1)
            if item.parent
        ],
    }


def _link(item: FrameworkItem, base_url: str) -> dict[str, str]:
    return {
        "title": item.full_statement[:100],
        "identifier": item.identifier,
        "uri": _uri(base_url, "CFItems", item.identifier),
    }
