"""What a person does on the page, and a test or a script through the control API."""
