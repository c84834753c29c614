/** The path of an artwork. Other names, such as `generate`, do not match and answer 405. */
export const ARTWORK = "/:id{art_[0-9a-z]+}";
export const UPLOAD = "/:id{upl_[0-9a-z]+}";
