"""Examples of answers, as the API's description shows them."""

from typing import Any

CLIENT: dict[str, Any] = {
    "description": "everything known of the client, as far as the one who asks reaches",
    "content": {
        "application/json": {
            "example": {
                "customer_id": "c000001",
                "customer_no": "100017",
                "customer_type": "自然人",
                "kind": "person",
                "name": "张**",
                "phone": "138****5678",
                "id_card": "110101********001X",
                "address": None,
                "tags": {},
                "assets": {
                    "equity": "5230000",
                    "available": "3100000.5",
                    "margin": "2129999.5",
                    "risk_degree": "0.4073",
                    "accounts": 1,
                },
                "accounts": [],
                "days": [],
                "services": [],
            }
        }
    },
}
