"""Hand out the PDF of a service record that the viewer has fetched."""

from django.http import FileResponse, Http404

from klarfall.billing.models import ServiceRecord
from klarfall.billing.records.pdf import file_name
from klarfall.tickets import files


def handed_out(record: ServiceRecord) -> FileResponse:
    """The document as a download that no browser runs; 404 before it was made."""
    if not record.pdf_key:
        raise Http404
    name = file_name(record)
    content = files.Content(name, "application/pdf", record.pdf_size, record.pdf_sha256, record.pdf_key)
    try:
        file = files.open_file(content)
    except files.FileMissing as missing:
        raise Http404 from missing
    response = FileResponse(file)
    for header, value in files.headers(content).items():  # afterwards: FileResponse guesses some of them
        response[header] = value
    return response
