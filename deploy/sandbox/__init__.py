"""The gateway that stands in for 企业微信 and 阿里云短信, over their real protocols."""
